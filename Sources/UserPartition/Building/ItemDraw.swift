/// Draws items, uniformly or by popularity, without some that are not wanted.
struct ItemDraw: Sendable {
    /// The items that can be drawn, rising.
    private let items: [UInt32]
    /// The sum of weights up to and including each item.
    private let sums: [UInt64]

    /// Tries before the items that are left are looked at one by one.
    private static let tries = 50

    /// A draw from the items that were counted, id 0 excepted.
    init(_ counter: TrainCounter, _ draw: NegativeSettings.Draw) {
        var items: [UInt32] = []
        var sums: [UInt64] = []
        var sum: UInt64 = 0
        for (id, count) in counter.counts where id > 0 {
            let weight = draw == .uniform ? 1 : count.positives
            if weight == 0 { continue }
            sum += UInt64(weight)
            items.append(id)
            sums.append(sum)
        }
        self.items = items
        self.sums = sums
    }

    /// An item that is not in `unwanted`; nil if there is none.
    func item(_ random: inout UserRandom, without unwanted: Set<UInt32>) -> UInt32? {
        guard let total = sums.last else { return nil }
        for _ in 0..<Self.tries {
            let item = items[place(of: random.below(total))]
            if !unwanted.contains(item) { return item }
        }
        var rest: UInt64 = 0
        for place in items.indices where !unwanted.contains(items[place]) { rest += weight(place) }
        guard rest > 0 else { return nil }
        var drawn = random.below(rest)
        for place in items.indices where !unwanted.contains(items[place]) {
            if drawn < weight(place) { return items[place] }
            drawn -= weight(place)
        }
        return nil
    }

    private func weight(_ place: Int) -> UInt64 { place == 0 ? sums[0] : sums[place] - sums[place - 1] }

    /// The first item whose sum is above a number.
    private func place(of drawn: UInt64) -> Int {
        var range = 0..<sums.count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range = sums[middle] <= drawn ? (middle + 1)..<range.upperBound : range.lowerBound..<middle
        }
        return range.lowerBound
    }
}
