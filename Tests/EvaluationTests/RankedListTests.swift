import Testing

@testable import Evaluation

@Suite("A ranked list")
struct RankedListTests {
    private static func list(_ scores: [Double], _ labels: [Bool], top: Int) -> RankedList? {
        RankedList(zip(scores, labels).map { (score: $0, isPositive: $1) }, top: top)
    }

    @Test("has the mean of both measures over all orders that ties allow")
    func ties() throws {
        let scores = [3.0, 2, 2, 2, 2, 1, 1]
        let labels = [false, true, false, true, false, false, true]
        for top in 1...6 {
            let list = try #require(Self.list(scores, labels, top: top))
            // Every order of each run of ties is as likely: all orders of the four and of the two.
            var (ndcg, hit, orders) = (0.0, 0.0, 0.0)
            for middle in Self.orders([1, 2, 3, 4]) {
                for last in Self.orders([5, 6]) {
                    let order = [0] + middle + last
                    let distinct = try #require(
                        Self.list(order.indices.map { -Double($0) }, order.map { labels[$0] }, top: top))
                    ndcg += distinct.ndcg
                    hit += distinct.hit
                    orders += 1
                }
            }
            #expect(abs(list.ndcg - ndcg / orders) < 1e-12)
            #expect(abs(list.hit - hit / orders) < 1e-12)
        }
    }

    private static func orders(_ items: [Int]) -> [[Int]] {
        guard items.count > 1 else { return [items] }
        return items.flatMap { first in orders(items.filter { $0 != first }).map { [first] + $0 } }
    }

    @Test("is none where the first places are no choice")
    func tooShort() {
        #expect(Self.list([2, 1], [true, false], top: 2) == nil)
        #expect(Self.list([3, 2, 1], [true, true, true], top: 1) == nil)
        #expect(Self.list([3, 2, 1], [false, false, false], top: 1) == nil)
        #expect(Self.list([], [], top: 1) == nil)
        #expect(Self.list([3, 2, 1], [true, false, false], top: 2)?.ndcg == 1)
    }
}
