import ArgumentParser
import Pipelines
import Samples

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// How the process ends: one clear message on standard error and the status that scripts rely on.
enum ExitStatus {
    static let tooManyRejects: Int32 = 1
    /// `validate --strict` with warnings.
    static let warned: Int32 = 1
    static let failed: Int32 = 2
    static let usage: Int32 = 64

    /// Tells a person what went wrong and returns the status to leave with.
    ///
    /// - Parameter command: the full name of the command that ran, `plumb` if it did not come to that.
    static func report(_ error: any Error, of command: String, signal: Int32?) -> Int32 {
        if let signal { return 128 + signal }
        switch error {
        case let error as StageError:
            // Only our own reader may go away quietly, as `head` does.
            if error.code == .closedPipe && error.position?.file == "<stdout>" { return 0 }
            StandardError.write("plumb: \(error)\n")
            switch error.code {
            case .usage: return usage
            case .tooManyRejects: return tooManyRejects
            default: return failed
            }
        case let error as PipelineError:
            for fault in error.faults { StandardError.write("plumb: \(fault)\n") }
            return error.faults.contains { $0.code != .usage } ? failed : usage
        case let error as UnwantedWarnings:
            StandardError.write("plumb: \(error)\n")
            return warned
        case let error as ValidationError where command != "plumb":
            // The parser would show the usage of the command at the top.
            StandardError.write("Error: \(error.message)\n  See '\(command) --help' for more information.\n")
            return usage
        default:
            // Help, version and usage errors, in the parser's own words.
            let message = Plumb.fullMessage(for: error)
            let code = Plumb.exitCode(for: error)
            if code == .success {
                print(message)
            } else {
                StandardError.write(message + "\n")
            }
            return code.rawValue
        }
    }

    /// Ends the process.
    static func leave(_ status: Int32) -> Never {
        fflush(nil)
        exit(status)
    }
}
