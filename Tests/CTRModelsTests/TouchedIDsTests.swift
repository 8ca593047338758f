import Testing

@testable import CTRModels

@Suite struct TouchedIDsTests {
    /// Numbers that a dictionary would give.
    private func check(_ ids: [UInt32], in touched: inout TouchedIDs, below bound: Int) {
        touched.clear()
        var expected: [UInt32: Int] = [:]
        var order: [UInt32] = []
        for start in stride(from: 0, to: ids.count, by: 7) {
            let part = ids[start..<min(start + 7, ids.count)]
            touched.reserve(part.count, below: bound)
            touched.withNumbering { numbering in
                for id in part {
                    let (number, isNew) = numbering.number(id)
                    #expect(isNew == (expected[id] == nil))
                    if isNew {
                        expected[id] = order.count
                        order.append(id)
                    }
                    #expect(number == expected[id])
                }
            }
        }
        #expect(Array(touched.ids) == order)
    }

    @Test func `ids are numbered in order of first touch, whatever they are and however many`() {
        var touched = TouchedIDs()
        var random = SplitMix64(seed: 3)
        // One after another in one value: its memory serves tables of all sizes.
        for bound in [1_000_000, 5, 300, 2, 1 << 31, 64] {
            for count in [0, 1, 10, 200] {
                check((0..<count).map { _ in UInt32(random.next() % UInt64(bound)) }, in: &touched, below: bound)
                // Ids that agree in their low bits, and in what Fibonacci hashing makes of them.
                check(
                    (0..<count).map { UInt32(truncatingIfNeeded: $0 << 12) % UInt32(bound) }, in: &touched,
                    below: bound)
            }
        }
    }
}
