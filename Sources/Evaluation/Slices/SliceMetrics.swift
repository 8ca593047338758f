/// What an evaluation found for some of its users, or some of their rows.
public struct SliceMetrics: Sendable, Hashable {
    /// What divides the users or rows up: `drift`, `train samples`, `train labels`, `items` or `cloud`.
    public var by: String
    /// The part, by its name or its range of values.
    public var name: String
    /// Users of the part.
    public var users: Int
    /// Those of them with both classes among their rows of the part.
    public var evaluatedUsers: Int
    /// Rows of the part.
    public var samples: Int
    /// For each arm its GAUC over the part's rows, in the arms' order; nil where no user has both classes.
    public var arms: [Arm]
    /// The pairs of arms by GAUC.
    public var comparisons: [ArmComparison]

    /// One arm's GAUC.
    public struct Arm: Sendable, Hashable {
        /// The arm's name.
        public var name: String
        /// Nil where no user has both classes.
        public var gauc: Double?

        /// An arm's GAUC.
        public init(name: String, gauc: Double?) {
            self.name = name
            self.gauc = gauc
        }
    }

    /// A part's metrics.
    public init(
        by: String, name: String, users: Int, evaluatedUsers: Int, samples: Int, arms: [Arm],
        comparisons: [ArmComparison]
    ) {
        self.by = by
        self.name = name
        self.users = users
        self.evaluatedUsers = evaluatedUsers
        self.samples = samples
        self.arms = arms
        self.comparisons = comparisons
    }
}

extension EvaluatedUsers {
    /// The metrics of every slice.
    func sliceMetrics(globalCTR: Double, _ bootstrap: UserBootstrap, threads: Int) async -> [SliceMetrics] {
        var result: [SliceMetrics] = []
        for named in slices(globalCTR: globalCTR) {
            let slice = named.slice
            result.append(
                SliceMetrics(
                    by: named.by, name: named.name, users: slice.userCount(in: self),
                    evaluatedUsers: slice.weights(of: .gauc, in: self).count { $0 > 0 },
                    samples: slice.sampleCount(in: self),
                    arms: arms.indices.map {
                        SliceMetrics.Arm(name: arms[$0].name, gauc: slice.mean(of: .gauc, $0, in: self))
                    },
                    comparisons: await comparisons(in: slice, pooled: nil, bootstrap, threads: threads)))
        }
        return result
    }
}
