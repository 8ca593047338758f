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

    /// The quantiles of rising values; nil without values.
    public init?(sorted values: [Double]) {
        guard let first = values.first, let last = values.last else { return nil }
        func quantile(_ share: Double) -> Double {
            let place = share * Double(values.count - 1)
            let below = Int(place)
            let above = Swift.min(below + 1, values.count - 1)
            return values[below] + (values[above] - values[below]) * (place - Double(below))
        }
        min = first
        p05 = quantile(0.05)
        p25 = quantile(0.25)
        p50 = quantile(0.5)
        p75 = quantile(0.75)
        p95 = quantile(0.95)
        max = last
    }
}
