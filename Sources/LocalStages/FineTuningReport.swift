public import FineTuning
public import Samples
import Synchronization

/// What became of the users that went through `finetune`; filled while the stream runs, whole at its end.
public final class FineTuningReport: Sendable {
    /// Numbers of users. Those of all outcomes add up to `users`; so do those of the gate's reasons, where an arm is gated.
    public struct Counts: Sendable, Hashable {
        /// All users.
        public var users = 0
        /// Users whose predictions say `kept`.
        public var kept = 0
        /// Users by what became of them.
        public var outcomes: [UserOutcome: Int] = [:]
        /// Users by why the gate decided as it did; empty where no arm is gated.
        public var gateReasons: [GateDecision.Reason: Int] = [:]

        /// Users of one outcome.
        public subscript(outcome: UserOutcome) -> Int { outcomes[outcome, default: 0] }

        mutating func add(_ user: UserResult) {
            users += 1
            if user.isKept { kept += 1 }
            outcomes[user.outcome, default: 0] += 1
            if let reason = user.gate?.reason { gateReasons[reason, default: 0] += 1 }
        }
    }

    /// A user whom the cloud model, or a tuning of it, gave a number that is not finite.
    public struct NamedUser: Sendable, Hashable {
        /// The user.
        public let user: UserKey
        /// What happened: `tuning diverged in corrected`.
        public let text: String
    }

    /// The most users that are named.
    public static let mostNamed = 20

    private struct State {
        var counts = Counts()
        var named: [NamedUser] = []
    }

    private let state = Mutex(State())

    /// An empty report.
    public init() {}

    /// The numbers so far.
    public var counts: Counts { state.withLock { $0.counts } }

    /// The first `mostNamed` users, in the stream's order, of the outcomes `diverged` and `notFinite`.
    public var named: [NamedUser] { state.withLock { $0.named } }

    func add(_ batch: TunedBatch) {
        state.withLock { state in
            for user in batch.users { state.counts.add(user) }
            state.named += batch.named.prefix(Self.mostNamed - state.named.count)
        }
    }
}
