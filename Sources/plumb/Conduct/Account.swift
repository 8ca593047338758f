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
    let stage: String
    private let start = ContinuousClock.now
    private var numbers: [(name: String, value: Int)] = []
    private var details: [(name: String, json: String)] = []

    /// Begins timing a stage.
    init(_ stage: String) {
        self.stage = stage
    }

    /// Adds a number; numbers are told in the order given.
    mutating func add(_ name: String, _ value: Int) {
        numbers.append((name, value))
    }

    /// Adds what only the JSON tells: a name and JSON text.
    mutating func addDetail(_ name: String, json: String) {
        details.append((name, json))
    }

    /// The numbers, as the account tells them.
    var numbersText: String { numbers.map { "\($0.value) \($0.name)" }.joined(separator: ", ") }

    /// Tells the account.
    func close(_ output: ReportOptions) async throws(StageError) {
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let peak = Self.peakBytes
        if !output.quiet {
            let parts =
                (numbers.isEmpty ? [] : [numbersText]) + [
                    "\(FixedPoint.text(seconds, decimals: 2)) s", "peak \(peak >> 20) MiB",
                ]
            StandardError.write("plumb \(stage): \(parts.joined(separator: ", "))\n")
        }
        guard let path = output.summary else { return }
        let fields =
            ["\"stage\":\"\(stage)\""]
            + numbers.map { "\"\($0.name.split(separator: " ").joined(separator: "_"))\":\($0.value)" }
            + details.map { "\"\($0.name)\":\($0.json)" }
            + ["\"seconds\":\(FixedPoint.text(seconds, decimals: 3))", "\"peak_bytes\":\(peak)"]
        try await FileContents.write(Array("{\(fields.joined(separator: ","))}\n".utf8), to: path)
    }

    /// The most memory that this process held at once, in bytes.
    private static var peakBytes: Int {
        #if os(Linux)
        // Not `getrusage`, whose figure starts with that of the process that started this one.
        if let status = fopen("/proc/self/status", "r") {
            defer { fclose(status) }
            var line = [CChar](repeating: 0, count: 256)
            while fgets(&line, Int32(line.count), status) != nil {
                let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
                guard text.hasPrefix("VmHWM:") else { continue }
                return (Int(text.filter(\.isNumber)) ?? 0) * 1024
            }
        }
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss * 1024
        #else
        var usage = rusage()
        getrusage(RUSAGE_SELF, &usage)
        return usage.ru_maxrss
        #endif
    }
}
