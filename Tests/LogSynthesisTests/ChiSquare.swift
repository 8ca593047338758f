/// Pearson's test of counts against shares.
struct ChiSquare {
    private(set) var statistic = 0.0
    private(set) var cells = 0

    /// Cells with fewer than 5 expected are put together.
    init(counts: [Int], shares: [Double]) {
        let total = Double(counts.reduce(0, +))
        var (count, expected) = (0.0, 0.0)
        for (cell, share) in zip(counts, shares) {
            count += Double(cell)
            expected += share * total
            if expected < 5 { continue }
            add(count, expected)
            (count, expected) = (0, 0)
        }
        if expected > 0 { add(count, expected) }
    }

    private mutating func add(_ count: Double, _ expected: Double) {
        statistic += (count - expected) * (count - expected) / expected
        cells += 1
    }

    /// How many standard deviations the statistic is above its mean; a right distribution is beyond 4 about once in 2000
    /// seeds, and our seeds are fixed.
    var excess: Double {
        guard cells > 1 else { return 0 }
        let freedom = Double(cells - 1)
        return (statistic - freedom) / (2 * freedom).squareRoot()
    }
}
