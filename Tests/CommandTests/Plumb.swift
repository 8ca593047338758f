import Foundation

/// The built command, run as a shell would run it.
struct Plumb {
    /// What a finished command left.
    struct Result {
        /// The exit status; a signal's number below zero for a command that it killed.
        var status: Int32
        var output: Data
        var errors: String

        var text: String { String(decoding: output, as: UTF8.self) }
    }

    /// A command that runs.
    final class Running {
        let process = Process()
        let input = Pipe()
        let output = Pipe()
        let errors = Pipe()

        /// Kills the command if it still runs in five minutes, so that one that never ends fails its test.
        fileprivate func killIfStuck() {
            DispatchQueue.global().asyncAfter(deadline: .now() + 300) { [process] in
                if process.isRunning { kill(process.processIdentifier, SIGKILL) }
            }
        }

        /// Waits for a sign of what the command does. Returns whether it came while the command ran.
        func shows(_ sign: () throws -> Bool) rethrows -> Bool {
            while process.isRunning {
                if try sign() { return true }
                usleep(10_000)
            }
            return false
        }

        /// Waits for the end.
        func finish() -> Result {
            // Both pipes are drained at once, or a full one would stop the command.
            nonisolated(unsafe) var outputData = Data()
            let drained = DispatchSemaphore(value: 0)
            let outputHandle = output.fileHandleForReading
            DispatchQueue.global().async {
                outputData = outputHandle.bytesToEnd()
                drained.signal()
            }
            let errorData = errors.fileHandleForReading.bytesToEnd()
            drained.wait()
            process.waitUntilExit()
            let signalled = process.terminationReason == .uncaughtSignal
            return Result(
                status: signalled ? -process.terminationStatus : process.terminationStatus, output: outputData,
                errors: String(decoding: errorData, as: UTF8.self))
        }
    }

    /// Starts a command in a folder. Its standard input is `Running.input`, unless another is given. One that never ends is
    /// killed.
    static func start(
        _ arguments: [String], in folder: URL, input: Any? = nil, output: Any? = nil,
        environment: [String: String] = [:]
    ) throws -> Running {
        let running = Running()
        running.process.executableURL = executable
        running.process.arguments = arguments
        running.process.currentDirectoryURL = folder
        running.process.standardInput = input ?? running.input
        running.process.standardOutput = output ?? running.output
        running.process.standardError = running.errors
        running.process.environment = ProcessInfo.processInfo.environment
            .filter { !$0.key.hasPrefix("PLUMB_") }
            .merging(environment) { _, new in new }
        try running.process.run()
        running.killIfStuck()
        if output != nil { try running.output.fileHandleForWriting.close() }
        return running
    }

    /// Runs a command to its end, with an empty standard input.
    static func run(
        _ arguments: [String], in folder: URL, environment: [String: String] = [:]
    ) throws -> Result {
        try start(arguments, in: folder, input: FileHandle.nullDevice, environment: environment).finish()
    }

    /// Runs a command from a line of shell, which finds it as `$0` and its arguments as `$@`.
    static func runByShell(_ line: String, _ arguments: [String], in folder: URL) throws -> Result {
        let running = Running()
        running.process.executableURL = URL(filePath: "/bin/sh")
        running.process.arguments = ["-c", line, executable.path] + arguments
        running.process.currentDirectoryURL = folder
        running.process.standardInput = FileHandle.nullDevice
        running.process.standardOutput = running.output
        running.process.standardError = running.errors
        try running.process.run()
        running.killIfStuck()
        return running.finish()
    }

    /// The command stands beside the test bundle.
    private static let executable: URL = {
        #if os(macOS)
        for bundle in Bundle.allBundles where bundle.bundlePath.hasSuffix(".xctest") {
            return bundle.bundleURL.deletingLastPathComponent().appending(path: "plumb")
        }
        #endif
        return URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "plumb")
    }()
}

/// A folder that goes when the test ends.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "plumb-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    func write(_ text: String, to name: String) throws {
        try write(Data(text.utf8), to: name)
    }

    func write(_ data: Data, to name: String) throws {
        try data.write(to: url.appending(path: name))
    }

    func read(_ name: String) throws -> Data {
        try Data(contentsOf: url.appending(path: name))
    }

    func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: url.appending(path: name).path)
    }

    /// Every file and folder below, by its path from here, hidden ones too.
    func names() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: url.path).sorted()
    }
}
