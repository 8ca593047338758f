import OrderedJSON
import Synchronization

/// How long users took that went through `finetune`; filled while the stream runs, whole at its end. Differs from run to run,
/// and stands in no other file.
public final class FineTuningTimings: Sendable {
    private let state = Mutex(DurationHistogram())

    /// No times yet.
    public init() {}

    func add(_ times: DurationHistogram) { state.withLock { $0.add(times) } }

    /// The content of the file that `--timings` writes.
    ///
    /// - Parameters:
    ///   - counts: what became of all users, those whom an earlier pass finished among them.
    ///   - threads: users worked on at once.
    ///   - seconds: from the start of the pass over the store to its end: reading, tuning, scoring, writing.
    public func json(_ counts: FineTuningReport.Counts, threads: Int, seconds: Double) -> [UInt8] {
        let times = state.withLock { $0 }
        func microseconds(_ nanoseconds: Double?) -> JSONValue {
            nanoseconds.map { .number(($0 / 10).rounded() / 100) } ?? .null
        }
        func quantile(_ share: Double) -> JSONValue { microseconds(times.quantile(share).map(Double.init)) }
        let document = JSONValue.object([
            .init("users", .integer(times.count)), .init("resumed", .integer(counts.users - times.count)),
            .init("tuned", .integer(counts[.tuned])), .init("threads", .integer(threads)),
            .init("seconds", .number(seconds)),
            .init("users_per_second", seconds > 0 ? .number(Double(times.count) / seconds) : .null),
            .init(
                "user_microseconds",
                .object([
                    .init("mean", microseconds(times.mean)), .init("p50", quantile(0.5)), .init("p90", quantile(0.9)),
                    .init("p99", quantile(0.99)),
                    .init("max", times.count > 0 ? microseconds(Double(times.longest)) : .null),
                ])),
        ])
        return Array(document.text(.indented).utf8)
    }
}
