/// The difference of one metric between two arms on the same users.
public struct ArmComparison: Sendable, Hashable {
    /// The arm that is looked at.
    public var a: String
    /// The arm it is held against.
    public var b: String
    /// The metric.
    public var metric: Metric
    /// `a − b`; nil where either is undefined.
    public var difference: Double?
    /// How sure it is.
    public var evidence: Evidence

    /// A comparison.
    public init(a: String, b: String, metric: Metric, difference: Double?, evidence: Evidence) {
        self.a = a
        self.b = b
        self.metric = metric
        self.difference = difference
        self.evidence = evidence
    }

    /// What can be said of it.
    public var verdict: Evidence.Verdict { evidence.verdict(on: difference, of: metric) }
}

extension EvaluatedUsers {
    /// The metrics that arms are compared by.
    static let comparedMetrics: [Metric] = [.gauc, .auc, .logLoss]

    /// All pairs of arms by all compared metrics, in that order, with intervals over users and Wilcoxon's test on the users' AUC.
    ///
    /// The pooled AUC is no mean over users: its interval is that of its first-order expansion, the users' influences.
    ///
    /// - Parameters:
    ///   - slice: the users and rows that count.
    ///   - pooled: the arms' pooled AUC, of all users; nil leaves that metric out, and log loss.
    func comparisons(
        in slice: UserSlice? = nil, pooled: [Double?]?, _ bootstrap: UserBootstrap, threads: Int
    ) async -> [ArmComparison] {
        let slice = slice ?? UserSlice(allOf: self)
        let metrics = pooled == nil ? [.gauc] : Self.comparedMetrics
        let pairs = ArmPair.all(of: arms.map(\.name)).map { pair in
            (
                pair: pair, a: arms.firstIndex { $0.name == pair.a } ?? 0,
                b: arms.firstIndex { $0.name == pair.b } ?? 0
            )
        }
        let means = metrics.map { metric in
            let sums = arms.indices.map { slice.sums(of: metric, $0, in: self) }
            return UserBootstrap.Means(
                weights: slice.weights(of: metric, in: self),
                sums: pairs.map { pair in zip(sums[pair.a], sums[pair.b]).map { $0 - $1 } })
        }
        let intervals = await bootstrap.intervals(of: means, threads: threads)
        let aucs = arms.indices.map { slice.aucs($0, in: self) }
        let tests = pairs.map { pair in SignedRankTest(zip(aucs[pair.a], aucs[pair.b]).map { $0 - $1 }).p }
        let adjusted = holmAdjusted(tests)
        var result: [ArmComparison] = []
        for (index, pair) in pairs.enumerated() {
            for (place, metric) in metrics.enumerated() {
                var difference = means[place].value(index)
                var interval = intervals[place][index]
                if metric == .auc {
                    // Influences sum to 0: the difference itself is where their interval lies around.
                    difference = both(pooled?[pair.a], pooled?[pair.b]).map { $0 - $1 }
                    interval = both(interval, difference).map { $0.lowerBound + $1...$0.upperBound + $1 }
                }
                let isTested = metric == .gauc
                result.append(
                    ArmComparison(
                        a: pair.pair.a, b: pair.pair.b, metric: metric,
                        difference: difference.flatMap { $0.isFinite ? $0 : nil },
                        evidence: Evidence(
                            users: means[place].weights.count { $0 > 0 },
                            interval: interval.flatMap { $0.isFinite ? $0 : nil }, p: isTested ? tests[index] : nil,
                            adjustedP: isTested ? adjusted[index] : nil)))
            }
        }
        return result
    }
}

/// Both, if there are both.
private func both<A, B>(_ a: A?, _ b: B?) -> (A, B)? {
    guard let a, let b else { return nil }
    return (a, b)
}

extension ClosedRange<Double> {
    fileprivate var isFinite: Bool { lowerBound.isFinite && upperBound.isFinite }
}
