/// What an item is like, from the seed and its id.
struct ItemTraits: Sendable {
    private let categoryKey: UInt64
    private let appealKey: UInt64
    private let categories: Int
    private let appealSpread: Double

    init(seed: UInt64, categories: Int, appealSpread: Double) {
        categoryKey = SyntheticPopulation.key(seed, .category)
        appealKey = SyntheticPopulation.key(seed, .appeal)
        self.categories = categories
        self.appealSpread = appealSpread
    }

    /// 1...categories, each as likely.
    @inline(__always)
    func category(_ item: Int) -> Int {
        let bits = RandomStream.hash(categoryKey, item)
        return Int(truncatingIfNeeded: bits.multipliedFullWidth(by: UInt64(categories)).high) &+ 1
    }

    /// Normal, with mean 0 and the settings' spread.
    @inline(__always)
    func appeal(_ item: Int) -> Double {
        appealSpread * NormalDistribution.quantile(RandomStream.uniform(RandomStream.hash(appealKey, item)))
    }
}
