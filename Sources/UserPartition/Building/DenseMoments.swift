/// Count, mean, spread and range of one dense feature, added up in a fixed order.
struct DenseMoments: Sendable, Hashable {
    private(set) var count = 0
    private(set) var mean = 0.0
    /// Sum of squared distances from the mean.
    private(set) var squares = 0.0
    private(set) var least = Double.infinity
    private(set) var greatest = -Double.infinity

    /// Counts the numbers of rows that count; those that are not finite are passed over.
    mutating func add(_ values: [Float], isCounted: [Bool]) {
        for row in values.indices where isCounted[row] && values[row].isFinite {
            let value = Double(values[row])
            count += 1
            // Welford's update: it does not lose small spreads beside large means.
            let distance = value - mean
            mean += distance / Double(count)
            squares += distance * (value - mean)
            least = min(least, value)
            greatest = max(greatest, value)
        }
    }

    /// Adds what was counted elsewhere (Chan, Golub and LeVeque 1979).
    mutating func add(_ other: DenseMoments) {
        guard other.count > 0 else { return }
        let total = count + other.count
        let distance = other.mean - mean
        squares += other.squares + distance * distance * (Double(count) * Double(other.count) / Double(total))
        mean += distance * (Double(other.count) / Double(total))
        count = total
        least = min(least, other.least)
        greatest = max(greatest, other.greatest)
    }

    /// The scaling that these numbers ask for.
    func scaling(_ feature: String, _ kind: DenseScaling.Kind) -> DenseScaling {
        let (offset, spread): (Double, Double) =
            switch kind {
            case _ where count == 0: (0, 1)
            case .standard: (mean, (squares / Double(count)).squareRoot())
            case .range: (least, greatest - least)
            }
        return DenseScaling(feature: feature, kind: kind, offset: offset, divisor: spread > 0 ? spread : 1)
    }
}
