import Samples
import Testing

@testable import UserPartition

@Suite("Counting ids over samples that count")
struct TrainCounterTests {
    @Test("counts an id once a sample, and only in rows that count")
    func trainOnly() {
        var lists = ListColumn()
        for ids in [[7, 3, 7], [3], [], [7, 7]] as [[UInt32]] { lists.append(ids) }
        var counter = TrainCounter()
        counter.add(
            .multivalued(lists), labels: [1, 0, 1, 1], isCounted: [true, true, true, false])
        #expect(counter.counts.map(\.id) == [3, 7])
        #expect(counter.counts.map(\.count.samples) == [2, 1])
        #expect(counter.counts.map(\.count.positives) == [1, 1])
        #expect(counter.greatestID == 7)
    }

    @Test("sees the greatest id of all rows")
    func greatestID() {
        var counter = TrainCounter()
        counter.add(.categorical([4, 90]), labels: [0, 1], isCounted: [true, false])
        #expect(counter.greatestID == 90)
        #expect(counter.counts.map(\.id) == [4])
    }

    @Test("counts ids that lie far apart, before and after its table reaches them, as a dictionary does")
    func farIDs() {
        var generator = SeededGenerator(seed: 3)
        var ids: [UInt32] = []
        for row in 0..<60_000 {
            switch row % 3 {
            case 0: ids.append(UInt32.random(in: 0...1000, using: &generator))
            // Out of the table's reach at first, within it later.
            case 1: ids.append(UInt32.random(in: 100_000...200_000, using: &generator))
            default: ids.append(UInt32.random(in: 0...UInt32.max, using: &generator))
            }
        }
        var counter = TrainCounter()
        var parts = [TrainCounter(), TrainCounter(), TrainCounter()]
        for id in ids { counter.add(.categorical([id]), labels: [id % 2 == 0 ? 1 : 0], isCounted: [true]) }
        for (row, id) in ids.enumerated() {
            parts[row / 25_000].add(.categorical([id]), labels: [id % 2 == 0 ? 1 : 0], isCounted: [true])
        }
        let expected = Dictionary(grouping: ids) { $0 }.mapValues(\.count)
        let counts = counter.counts
        #expect(counts.map(\.id) == expected.keys.sorted())
        for (id, count) in counts {
            #expect(count.samples == expected[id])
            #expect(count.positives == (id % 2 == 0 ? count.samples : 0))
        }
        // The same, counted in parts and added up.
        var sum = TrainCounter()
        for part in parts { sum.add(part) }
        #expect(sum.greatestID == counter.greatestID)
        #expect(sum.counts.map(\.id) == counts.map(\.id))
        #expect(sum.counts.map(\.count.samples) == counts.map(\.count.samples))
        #expect(sum.counts.map(\.count.positives) == counts.map(\.count.positives))
    }
}
