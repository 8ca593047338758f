/// How popularity is spread over appeals, in each category: weights on a grid that keep the moments of what was added.
struct AppealHistogram {
    let categories: Int
    /// Bins on each side of the middle one, which stands for appeal 0.
    let reach: Int
    private let step: Double
    private var weights: [Double]

    /// No weight yet, and room for any normal number of the given spread.
    init(categories: Int, spread: Double, step: Double) {
        self.categories = categories
        self.step = step
        // No quantile of a 52-bit uniform number is farther out than 8.3; a neighbour on either side takes its share.
        reach = Int(8.3 * spread / step) + 3
        weights = [Double](repeating: 0, count: categories * (2 * reach + 1))
    }

    /// Adds a weight by cubic Lagrange weights of the four nearest grid points.
    mutating func add(_ weight: Double, appeal: Double, category: Int) {
        let place = appeal / step + Double(reach)
        let point = Int(place)
        let t = place - Double(point)
        let index = category * (2 * reach + 1) + point
        weights[index - 1] -= weight * t * (t - 1) * (t - 2) / 6
        weights[index] += weight * (t + 1) * (t - 1) * (t - 2) / 2
        weights[index + 1] -= weight * (t + 1) * t * (t - 2) / 2
        weights[index + 2] += weight * (t + 1) * t * (t - 1) / 6
    }

    /// The weight of a bin, 0...2·reach.
    func weight(category: Int, bin: Int) -> Double { weights[category * (2 * reach + 1) + bin] }
}
