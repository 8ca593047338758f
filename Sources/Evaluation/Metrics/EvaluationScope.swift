public import Samples

/// What was evaluated: the part, its rows and users, and the global CTR of the data behind them.
///
/// Runs whose scopes are equal scored the same rows, as runs do that differ only in their seed.
public struct EvaluationScope: Sendable, Hashable {
    /// The part whose rows were evaluated.
    public var part: Part
    /// Share of positive labels in all users' train parts.
    public var globalCTR: Double
    /// The users, by what became of them.
    public var users: Users
    /// Number of evaluated rows, the same for every arm.
    public var samples: Int
    /// Number of evaluated rows with label 1.
    public var positives: Int
    /// k of NDCG@k and of hits in the first k places.
    public var top: Int
    /// Number of ranked lists: those of more than k rows with both classes.
    public var lists: Int

    /// Users of the store by what became of them: `total = evaluated + singleClass + withoutRows`.
    public struct Users: Sendable, Hashable {
        /// All users of the store.
        public var total: Int
        /// Users with both classes in the part: those that GAUC and the user-mean AUC average.
        public var evaluated: Int
        /// Users whose rows in the part are all positive or all negative; their AUC is undefined.
        public var singleClass: Int
        /// Users without a row in the part; `without_test` in files, whatever the part.
        public var withoutRows: Int

        /// Counts, each 0 or more.
        public init(total: Int, evaluated: Int, singleClass: Int, withoutRows: Int) {
            self.total = total
            self.evaluated = evaluated
            self.singleClass = singleClass
            self.withoutRows = withoutRows
        }
    }

    /// A scope.
    public init(
        part: Part, globalCTR: Double, users: Users, samples: Int, positives: Int, top: Int = 10, lists: Int = 0
    ) {
        self.part = part
        self.globalCTR = globalCTR
        self.users = users
        self.samples = samples
        self.positives = positives
        self.top = top
        self.lists = lists
    }
}
