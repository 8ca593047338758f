/// Values below which the given shares of users lie, interpolated linearly between neighbours.
public struct Quantiles: Sendable, Hashable {
    /// Smallest value.
    public var min: Double
    /// 5 % of users lie below.
    public var p05: Double
    /// 25 % of users lie below.
    public var p25: Double
    /// Half of the users lie below.
    public var p50: Double
    /// 75 % of users lie below.
    public var p75: Double
    /// 95 % of users lie below.
    public var p95: Double
    /// Largest value.
    public var max: Double

    /// The quantiles of rising values, each with the number of users, 1 or more, who have it; nil without values. All users
    /// together are at most `Int.max`.
    public init?(rising values: [(value: Double, users: Int)]) {
        guard let first = values.first, let last = values.last else { return nil }
        let users = values.reduce(0) { $0 + $1.users }
        func value(at place: Int) -> Double {
            var left = place
            for (value, users) in values {
                if left < users { return value }
                left -= users
            }
            return last.value
        }
        func quantile(_ share: Double) -> Double {
            let place = share * Double(users - 1)
            let below = value(at: Int(place))
            return below + (value(at: Int(place) + 1) - below) * (place - place.rounded(.down))
        }
        min = first.value
        p05 = quantile(0.05)
        p25 = quantile(0.25)
        p50 = quantile(0.5)
        p75 = quantile(0.75)
        p95 = quantile(0.95)
        max = last.value
    }
}
