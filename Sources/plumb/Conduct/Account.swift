import ByteStreams
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
                    "\(seconds.fixed(decimals: 2)) s", "peak \(peak >> 20) MiB",
                ]
            StandardError.write("plumb \(stage): \(parts.joined(separator: ", "))\n")
        }
        guard let path = output.summary else { return }
        let fields =
            ["\"stage\":\"\(stage)\""]
            + numbers.map { "\"\($0.name.split(separator: " ").joined(separator: "_"))\":\($0.value)" }
            + ["\"seconds\":\(seconds.fixed(decimals: 3))", "\"peak_bytes\":\(peak)"]
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

extension Double {
    /// A number of at least 0 with so many decimals; one too large for that, or not finite, in full.
    func fixed(decimals: Int) -> String {
        let scale = (0..<decimals).reduce(1) { product, _ in product * 10 }
        guard self >= 0, self * Double(scale) < 9e18 else { return "\(self)" }
        let whole = Int((self * Double(scale)).rounded())
        let fraction = String(whole % scale)
        return "\(whole / scale)." + String(repeating: "0", count: decimals - fraction.count) + fraction
    }
}
