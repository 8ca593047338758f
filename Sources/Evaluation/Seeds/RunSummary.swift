public import Samples

/// What runs that differ only in their seed have in common: every arm's metrics and the differences between arms, with
/// their spread over the seeds. A function of the runs' metrics alone.
public struct RunSummary: Sendable, Hashable {
    /// What was evaluated; the same for every seed.
    public let scope: EvaluationScope
    /// The seeds, in the order of every `SeedSpread`'s values.
    public let seeds: [UInt64]
    /// One entry an arm, in the runs' order.
    public let arms: [Arm]
    /// Pairs of arms held against each other, seed by seed and, where the users are known, user by user.
    public internal(set) var comparisons: [Comparison]
    /// The same for some of the users, or of their rows, with each user's mean over the seeds; empty where users are not known.
    public internal(set) var slices: [SliceMetrics] = []

    /// One arm's metrics over the seeds.
    public struct Arm: Sendable, Hashable {
        /// The arm's name.
        public let name: String
        /// The arm's metrics, one entry a seed.
        let runs: [ArmMetrics]

        /// One metric over the seeds.
        public subscript(metric: Metric) -> SeedSpread { SeedSpread(runs.map { $0[metric] }) }
    }

    /// One metric's difference between two arms, paired by seed.
    public struct Comparison: Sendable, Hashable {
        /// The arm that is looked at.
        public let a: String
        /// The arm it is held against.
        public let b: String
        /// The metric.
        public let metric: Metric
        /// `a − b`.
        public let difference: SeedSpread
        /// How sure the mean over the seeds is, from each user's mean over the seeds; nil where users are not known.
        public internal(set) var evidence: Evidence?

        /// What can be said of it.
        public var verdict: Evidence.Verdict {
            evidence?.verdict(on: difference.mean, of: metric) ?? .unknown
        }
    }

    /// The summary of one run a seed.
    ///
    /// - Throws: `.data` for no run, a seed given twice, or runs that did not score the same rows of the same store with the
    ///   same arms and settings.
    public init(over runs: [RunMetrics]) throws(StageError) {
        guard let first = runs.first else { throw StageError(.data, "there is no run to summarise") }
        var seeds: Set<UInt64> = []
        for run in runs {
            guard seeds.insert(run.seed).inserted else {
                throw StageError(.data, "there are two runs of seed \(run.seed)")
            }
            guard run.arms.map(\.arm) == first.arms.map(\.arm) else {
                throw StageError(.data, "the runs of seeds \(first.seed) and \(run.seed) hold different arms")
            }
            guard run.fingerprints["store"] == first.fingerprints["store"] else {
                throw StageError(
                    .data, "the runs of seeds \(first.seed) and \(run.seed) were made from different stores",
                    advice: "summarise runs over one store")
            }
            guard run.fingerprints["settings"] == first.fingerprints["settings"] else {
                throw StageError(
                    .data, "the runs of seeds \(first.seed) and \(run.seed) were fine-tuned with different settings",
                    advice: "summarise runs that differ in their seed alone")
            }
            guard run.scope == first.scope else {
                throw StageError(
                    .data, "the runs of seeds \(first.seed) and \(run.seed) were evaluated on different data",
                    advice: "summarise runs over one store and one part")
            }
        }
        self.init(first, others: runs.dropFirst())
    }

    /// The summary of one run a seed, with comparisons and slices user by user: what each user's rows come to is averaged over the
    /// seeds first. A single run's are taken as they are.
    ///
    /// - Throws: as `init(over:)`.
    public init(
        over runs: [EvaluatedRun], _ bootstrap: UserBootstrap = UserBootstrap(), threads: Int = 1
    ) async throws(StageError) {
        try self.init(over: runs.map(\.metrics))
        if runs.count > 1 { try await compare(runs, bootstrap, threads: threads, slices: true) }
    }

    /// The same of runs that were measured without comparisons, were it one; without slices if they are not asked for.
    init(
        comparing runs: [EvaluatedRun], _ bootstrap: UserBootstrap, threads: Int, slices: Bool
    ) async throws(StageError) {
        try self.init(over: runs.map(\.metrics))
        try await compare(runs, bootstrap, threads: threads, slices: slices)
    }

    private mutating func compare(
        _ runs: [EvaluatedRun], _ bootstrap: UserBootstrap, threads: Int, slices isSliced: Bool
    ) async throws(StageError) {
        let users = try EvaluatedUsers(meanOf: runs.map(\.users))
        let found = await users.comparisons(pooled: arms.map { $0[.auc].mean }, bootstrap, threads: threads)
        for index in comparisons.indices { comparisons[index].evidence = found[index].evidence }
        if isSliced { slices = await users.sliceMetrics(globalCTR: scope.globalCTR, bootstrap, threads: threads) }
        // A cancelled bootstrap stops early, with intervals of fewer resamples.
        if Task.isCancelled { throw StageError.cancelled }
    }

    /// The summary of one run and of others that are known to hold the same arms over the same scope.
    init(_ first: RunMetrics, others: ArraySlice<RunMetrics> = []) {
        let runs = [first] + others
        scope = first.scope
        seeds = runs.map(\.seed)
        let names = first.arms.map(\.arm)
        let arms = names.indices.map { index in
            Arm(name: names[index], runs: runs.map { $0.arms[index] })
        }
        self.arms = arms
        comparisons = ArmPair.all(of: names).flatMap { pair in
            EvaluatedUsers.comparedMetrics.compactMap { metric in
                guard let a = arms.first(where: { $0.name == pair.a }), let b = arms.first(where: { $0.name == pair.b })
                else { return nil }
                let evidence =
                    others.isEmpty
                    ? first.comparisons.first {
                        $0.a == pair.a && $0.b == pair.b && $0.metric == metric
                    }?.evidence : nil
                return Comparison(
                    a: pair.a, b: pair.b, metric: metric, difference: a[metric] - b[metric], evidence: evidence)
            }
        }
        slices = others.isEmpty ? first.slices : []
    }
}
