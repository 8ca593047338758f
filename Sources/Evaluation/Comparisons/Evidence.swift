/// How sure one can be of a difference between two arms on the same users.
public struct Evidence: Sendable, Hashable {
    /// Users who count for it.
    public var users: Int
    /// The 95 % interval of `UserBootstrap`; nil with fewer than two users.
    public var interval: ClosedRange<Double>?
    /// The probability of `SignedRankTest` on the users' own differences; nil where the metric has none, or none differs.
    public var p: Double?
    /// The same corrected by Holm's rule for all tests of its table.
    public var adjustedP: Double?

    /// Evidence from so many users.
    public init(users: Int, interval: ClosedRange<Double>? = nil, p: Double? = nil, adjustedP: Double? = nil) {
        self.users = users
        self.interval = interval
        self.p = p
        self.adjustedP = adjustedP
    }

    /// What can be said of a difference.
    public enum Verdict: String, Sendable, Hashable, CaseIterable {
        /// The first arm is better: the interval leaves out 0, and the corrected probability, where there is one, is below 0.05.
        case better
        case worse
        /// Neither: other users might as well show the opposite.
        case noise
        /// There is no difference at all.
        case same
        /// There is no interval to judge by.
        case unknown

        /// The word for people.
        public var title: String {
            switch self {
            case .better: "better"
            case .worse: "worse"
            case .noise: "within noise"
            case .same: "the same"
            case .unknown: "too few users"
            }
        }
    }

    /// The verdict on a difference of `metric`.
    public func verdict(on difference: Double?, of metric: Metric) -> Verdict {
        guard let difference, let interval else { return .unknown }
        if difference == 0 && interval == 0...0 { return .same }
        guard !interval.contains(0), (adjustedP ?? 0) < 0.05 else { return .noise }
        return (difference > 0) == metric.isBetterHigher ? .better : .worse
    }
}
