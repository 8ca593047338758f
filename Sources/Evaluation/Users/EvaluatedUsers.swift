public import Samples

/// What an evaluation knows of each user, in the order of the stream: how many rows, and how well each arm does on them. All means
/// over users, comparisons and slices are made of it. Only users with rows in the evaluated part.
public struct EvaluatedUsers: Sendable, Hashable {
    /// The users' keys.
    public internal(set) var keys: KeyColumn
    /// Rows.
    public internal(set) var samples: [Int] = []
    /// Positive rows.
    public internal(set) var positives: [Int] = []
    /// Rows of items that stand in the user's train part.
    public internal(set) var seenSamples: [Int] = []
    /// Positive ones of them.
    public internal(set) var seenPositives: [Int] = []
    /// Samples of the train part.
    public internal(set) var trainSamples: [Int] = []
    /// Positive ones of them.
    public internal(set) var trainPositives: [Int] = []
    /// Whether a user was held out from the cloud; false throughout where the stream does not say.
    public internal(set) var areHeldOut: [Bool] = []
    /// Lists that are ranked: see `RunMetrics`.
    public internal(set) var lists: [Int] = []
    /// One entry an arm, in the stream's order.
    public internal(set) var arms: [Arm]

    /// One arm's numbers, one a user; 0 where a number is undefined.
    public struct Arm: Sendable, Hashable {
        /// The arm's name.
        public private(set) var name: String
        /// AUC over all rows; defined where they hold both classes.
        public internal(set) var auc: [Double] = []
        /// The same over rows of seen items.
        public internal(set) var seenAUC: [Double] = []
        /// The same over rows of other items.
        public internal(set) var unseenAUC: [Double] = []
        /// Sum over rows of the cross-entropy in nats.
        public internal(set) var loss: [Double] = []
        /// Sum over lists of NDCG@k.
        public internal(set) var ndcg: [Double] = []
        /// Sum over lists of hits in the first k places.
        public internal(set) var hits: [Double] = []
        /// To first order what a user adds to the pooled AUC when drawn once more; all 0 where that is undefined.
        public internal(set) var influence: [Double] = []

        /// The same numbers under another name.
        func named(_ name: String) -> Arm {
            var arm = self
            arm.name = name
            return arm
        }
    }

    /// No users.
    init(userKind: KeyColumn.Kind, arms: [String]) {
        keys = KeyColumn(userKind)
        self.arms = arms.map { Arm(name: $0) }
    }

    /// Number of users.
    public var count: Int { samples.count }

    /// Whether the user's rows hold both classes.
    func hasBothClasses(_ user: Int) -> Bool { positives[user] > 0 && positives[user] < samples[user] }

    /// The local CTR, the share of positives in the train part; nil without one.
    func localCTR(_ user: Int) -> Double? {
        trainSamples[user] > 0 ? Double(trainPositives[user]) / Double(trainSamples[user]) : nil
    }

    /// Whether these are the same users with as many rows of each kind: then arms of both can be compared user by user.
    func haveSameRows(as other: EvaluatedUsers) -> Bool {
        keys == other.keys && samples == other.samples && positives == other.positives && lists == other.lists
            && seenSamples == other.seenSamples && seenPositives == other.seenPositives
            && trainSamples == other.trainSamples && trainPositives == other.trainPositives
            && areHeldOut == other.areHeldOut
    }

    /// The same users with the mean of several runs' numbers.
    ///
    /// - Throws: `data` for runs of different users, rows or arms.
    public init(meanOf runs: [EvaluatedUsers]) throws(StageError) {
        guard let first = runs.first else { throw StageError(.data, "there is no run to take a mean of") }
        self = first
        for run in runs {
            guard run.haveSameRows(as: self), run.arms.map(\.name) == arms.map(\.name) else {
                throw StageError(.data, "the runs hold other rows, users or arms")
            }
        }
        guard runs.count > 1 else { return }
        for arm in arms.indices {
            for path in Arm.numbers {
                for user in samples.indices {
                    var sum = CompensatedSum()
                    for run in runs { sum.add(run.arms[arm][keyPath: path][user]) }
                    arms[arm][keyPath: path][user] = sum.value / Double(runs.count)
                }
            }
        }
    }
}

extension EvaluatedUsers.Arm {
    /// All columns.
    fileprivate static var numbers: [WritableKeyPath<Self, [Double]>] {
        [\.auc, \.seenAUC, \.unseenAUC, \.loss, \.ndcg, \.hits, \.influence]
    }
}
