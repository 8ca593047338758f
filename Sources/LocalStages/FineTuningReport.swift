import Synchronization

/// What became of the users that went through `finetune`; filled while the stream runs, whole at its end.
public final class FineTuningReport: Sendable {
    /// Numbers of users; the last six add up to the first.
    public struct Counts: Sendable, Hashable {
        /// All users.
        public var users = 0
        /// Users whose model was tuned.
        public var tuned = 0
        /// Users whose model was not tuned because no arm asks for it.
        public var untuned = 0
        /// Users left with the cloud model because their train labels are all alike.
        public var singleClass = 0
        /// Users left with the cloud model because they have no train sample.
        public var withoutTrain = 0
        /// Users left with the cloud model because tuning made a number that is not finite.
        public var diverged = 0
        /// Users with neither validation nor test samples: there was nothing to score.
        public var withoutEvaluation = 0
    }

    private let state = Mutex(Counts())

    /// An empty report.
    public init() {}

    /// The numbers so far.
    public var counts: Counts { state.withLock { $0 } }

    func add(_ outcomes: [UserOutcome]) {
        state.withLock { counts in
            for outcome in outcomes {
                counts.users += 1
                switch outcome {
                case .tuned: counts.tuned += 1
                case .untuned: counts.untuned += 1
                case .singleClass: counts.singleClass += 1
                case .withoutTrain: counts.withoutTrain += 1
                case .diverged: counts.diverged += 1
                case .withoutEvaluation: counts.withoutEvaluation += 1
                }
            }
        }
    }
}

/// What became of one user.
enum UserOutcome: Sendable {
    case tuned, untuned, singleClass, withoutTrain, diverged, withoutEvaluation
}
