/// A user's expected CTR as a function of the user's intercept, for the very items that there are: what makes a local CTR
/// of the truth a user's true expected CTR, whatever the number of categories and however steep the popularity.
///
/// For each category, `g(x) = Σ share(i)·sigmoid(x + appeal(i))` over its items is tabulated with its slope every quarter
/// logit and read by cubic Hermite interpolation. A user with intercept `b` has an expected CTR of `Σ g_c(b + preference_c)`.
/// Appeals go to their four nearest grid points by cubic Lagrange weights. Each step's error is below 2e-5.
///
/// Items beyond the 2^20 most popular are not looked at one by one: categories and appeals are taken in the proportions of
/// their distributions. The standard deviation of what that errs by is at most half the root of the sum of their squared
/// shares: 3e-4 for 2^21 equally popular items, the worst case.
struct CategoryResponse: Sendable {
    private static let step = 0.25
    private static let pointsPerSide = 160
    private static let points = 2 * pointsPerSide + 1
    /// Items looked at one by one.
    static let mostItems = 1 << 20
    private static let limit = Double(pointsPerSide) * step

    let categories: Int
    /// How much steeper than a local CTR's logit the intercept is, about.
    private let flattening: Double
    /// Of category `c` at point `k`, the value and the slope times the step at `c * points + k`.
    private let table: [SIMD2<Double>]

    /// Tabulates items; `traits` gives category, from 0, and appeal of an item by its rank, from 1.
    init(
        popularity: ZipfRanks, categories: Int, appealSpread: Double, preferenceSpread: Double,
        mostItems: Int = Self.mostItems, traits: (Int) -> (category: Int, appeal: Double)
    ) {
        self.categories = categories
        let variance = appealSpread * appealSpread + preferenceSpread * preferenceSpread
        flattening = (1 + Double.pi / 8 * variance).squareRoot()
        var histogram = AppealHistogram(categories: categories, spread: appealSpread, step: Self.step)
        let head = min(popularity.count, mostItems)
        var total = 0.0
        for rank in 1...head {
            let weight = popularity.weight(ofRank: rank)
            let (category, appeal) = traits(rank)
            histogram.add(weight, appeal: appeal, category: category)
            total += weight
        }
        if popularity.count > head {
            let weight = popularity.weight(ofRanksAbove: head)
            total += weight
            let cells = 256
            let cell = weight / Double(cells * categories)
            for index in 0..<cells {
                let z = NormalDistribution.quantile((Double(index) + 0.5) / Double(cells))
                for category in 0..<categories { histogram.add(cell, appeal: appealSpread * z, category: category) }
            }
        }
        table = Self.tabulate(histogram, total: total)
    }

    private static func tabulate(_ histogram: AppealHistogram, total: Double) -> [SIMD2<Double>] {
        let reach = histogram.reach
        // Both grids have one step, so sums of their points need few sigmoids.
        let sigmoids = (-(pointsPerSide + reach)...(pointsPerSide + reach)).map { offset in
            let value = PortableMath.sigmoid(Double(offset) * step)
            return SIMD2(value, value * (1 - value) * step)
        }
        var table = [SIMD2<Double>](repeating: .zero, count: histogram.categories * points)
        for category in 0..<histogram.categories {
            for bin in 0...(2 * reach) {
                let share = histogram.weight(category: category, bin: bin) / total
                if share == 0 { continue }
                for point in 0..<points { table[category * points + point] += share * sigmoids[point + bin] }
            }
        }
        return table
    }

    /// The intercept that gives a user with these preferences, one a category, an expected CTR of `sigmoid(logit)`.
    func intercept(logit target: Double, preferences: [Double]) -> Double {
        let ctr = PortableMath.sigmoid(target)
        var (low, high) = (-Self.limit, Self.limit)
        // A sigmoid's mean over a normal spread is nearly a flatter sigmoid (MacKay, Neural Computation 4, 1992).
        var guess = min(max(target * flattening, low), high)
        // Newton on the scale of logits, where the curve is nearly straight; halving where that would leave the bracket.
        for _ in 0..<60 {
            let mean = expectedCTR(guess, preferences)
            if mean.x < ctr { low = guess } else { high = guess }
            let error = target - PortableMath.logit(mean.x)
            let slope = mean.y / (mean.x * (1 - mean.x))
            var next = guess + error / slope
            if !(next > low && next < high) { next = 0.5 * (low + high) }
            // Newton squares the error: what is left after a step this small is below 1e-7.
            if abs(next - guess) < 3e-4 { return next }
            guess = next
        }
        return guess
    }

    /// The expected CTR and its slope at an intercept.
    func expectedCTR(_ intercept: Double, _ preferences: [Double]) -> SIMD2<Double> {
        var sum = SIMD2<Double>.zero
        for category in 0..<categories { sum += response(category, intercept + preferences[category]) }
        // The ends of the table, where a CTR rounds to 0 or 1, have no logit.
        return SIMD2(min(max(sum.x, 1e-12), 1 - 1e-12), max(sum.y, 1e-12))
    }

    @inline(__always)
    private func response(_ category: Int, _ x: Double) -> SIMD2<Double> {
        let place = (min(max(x, -Self.limit), Self.limit) + Self.limit) / Self.step
        let point = min(Int(place), Self.points - 2)
        let t = place - Double(point)
        let index = category * Self.points + point
        let (left, right) = (table[index], table[index + 1])
        let rise = right.x - left.x
        let square = 3 * rise - 2 * left.y - right.y
        let cube = left.y + right.y - 2 * rise
        let value = left.x + t * (left.y + t * (square + t * cube))
        let slope = left.y + t * (2 * square + 3 * t * cube)
        return SIMD2(value, slope / Self.step)
    }
}
