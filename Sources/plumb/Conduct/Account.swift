import ByteStreams
import Evaluation
import Samples

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What a stage says of itself at its end: numbers that add up, seconds and peak memory. One line on standard error, and
/// JSON where `--summary` asks for it.
struct Account {
    private let stage: String
    private let start = ContinuousClock.now
    private var numbers: [(name: String, value: Int)] = []

    /// Begins timing a stage.
    init(_ stage: String) {
        self.stage = stage
    }

    /// Adds a number; numbers are told in the order given.
    mutating func add(_ name: String, _ value: Int) {
        numbers.append((name, value))
    }

    /// Tells the account.
    func close(_ output: ReportOptions) async throws(StageError) {
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let peak = Self.peakBytes
        if !output.quiet {
            let parts =
                numbers.map { "\($0.value) \($0.name)" } + [
                    "\(FixedPoint.text(seconds, decimals: 2)) s", "peak \(peak >> 20) MiB",
                ]
            StandardError.write("plumb \(stage): \(parts.joined(separator: ", "))\n")
        }
        guard let path = output.summary else { return }
        let fields =
            ["\"stage\":\"\(stage)\""]
            + numbers.map { "\"\($0.name.split(separator: " ").joined(separator: "_"))\":\($0.value)" }
            + ["\"seconds\":\(FixedPoint.text(seconds, decimals: 3))", "\"peak_bytes\":\(peak)"]
        try await FileContents.write(Array("{\(fields.joined(separator: ","))}\n".utf8), to: path)
    }

    /// The most memory that this process held at once, in bytes.
    private static var peakBytes: Int {
        var usage = rusage()
        #if os(Linux)
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss * 1024
        #else
        getrusage(RUSAGE_SELF, &usage)
        return usage.ru_maxrss
        #endif
    }
}
