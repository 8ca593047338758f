import Samples
import Testing

@testable import UserPartition

@Suite("Sorting rows into the store's order")
struct SortedRowsTests {
    @Test(
        "orders rows by hash, key, time and place in the input, as a plain stable sort does",
        arguments: [KeyColumn.Kind.integer, .text], 0..<24 as Range<UInt64>)
    func order(kind: KeyColumn.Kind, seed: UInt64) {
        // From some size on rows are sorted by digits.
        let log = SampleLog(kind, rows: Int(seed) * 97, users: 1 + Int(seed * seed), seed: seed)
        let sorted = SortedRows(SampleLog.batch(log.rows, log.schema), slices: 1)
        let hashes = log.rows.map { UserHash.hash($0.user) }
        let expected = log.rows.indices.sorted { first, second in
            let (a, b) = (log.rows[first], log.rows[second])
            return a.user != b.user
                ? hashes[first] < hashes[second] : a.time != b.time ? a.time < b.time : first < second
        }
        #expect(sorted.order.map { Int($0) } == expected)
        #expect(
            sorted.users.map { log.rows[Int(sorted.order[$0.lowerBound])].user }.count
                == Set(log.rows.map(\.user)).count)
        #expect(sorted.users.flatMap { $0 } == Array(0..<log.rows.count))
        for user in sorted.users { #expect(Set(user.map { log.rows[Int(sorted.order[$0])].user }).count == 1) }
    }

    @Test("tells users of one hash apart, by key")
    func collisions() throws {
        // Both fold to the same 64 bits of FNV-1a.
        let pair = ["8yn0iYCKYHlIj4-BwPqk", "GReLUrM4wMqfg9yzV3KQ"]
        try #require(UserHash.hash(.text(pair[0])) == UserHash.hash(.text(pair[1])))
        let rows = (0..<9).map { row in
            SampleRow(
                user: .text(pair[(row + 1) % 2]), time: Int64(-row), label: 0, item: 1, genres: [], price: Float(row))
        }
        let sorted = SortedRows(SampleLog.batch(rows, SampleLog.schema(.text)), slices: 1)
        #expect(sorted.order == [7, 5, 3, 1, 8, 6, 4, 2, 0])
        #expect(sorted.users == [0..<4, 4..<9])
    }

    @Test("sorts by digits as by comparison", arguments: [0, 1, 500, 513, 70_000])
    func radix(count: Int) {
        var generator = SeededGenerator(seed: UInt64(count))
        for mask in [UInt64.max, 0xFFFF << 32, 0x1 << 63, 0] {
            let entries = (0..<count).map { (generator.next() & mask & ~0xFFFF_FFFF) | UInt64($0) }
            var sorted = entries
            RadixSort.sortByUpperHalf(&sorted)
            #expect(sorted == entries.sorted())
        }
    }
}
