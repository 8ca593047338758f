import Samples
import Testing

@testable import UserPartition

@Suite("The hash that gives users their places")
struct UserHashTests {
    @Test("never changes: stores of all versions agree")
    func fixed() {
        // SplitMix64's first output for these seeds, as its authors' C code prints them.
        #expect(UserHash.hash(0) == 0xe220_a839_7b1d_cdaf)
        #expect(UserHash.hash(1_234_567) == 6_457_827_717_110_365_317)
        // FNV-1a's published value for "a" is 0xaf63dc4c8601ec8c, and SplitMix64 follows.
        #expect(UserHash.hash(utf8: "a".utf8) == UserHash.hash(Int64(bitPattern: 0xaf63_dc4c_8601_ec8c)))
        #expect(UserHash.hash(utf8: "foobar".utf8) == UserHash.hash(Int64(bitPattern: 0x8594_4171_f739_67e8)))
    }

    @Test("gives rows and single keys the same hash")
    func agreement() {
        let numbers: [Int64] = [.min, -1, 0, 1, 2, 99, .max]
        let texts = ["", "a", "ab", "Zoë", "99"]
        let (integers, words) = (KeyColumn.integers(numbers), KeyColumn.text(TextColumn(texts)))
        #expect(UserHash.hashes(of: integers) == numbers.map { UserHash.hash(.integer($0)) })
        #expect(UserHash.hashes(of: words) == texts.map { UserHash.hash(.text($0)) })
        for row in texts.indices {
            #expect(UserHash.hash(row, of: integers) == UserHash.hash(numbers[row]))
            #expect(UserHash.hash(row, of: words) == UserHash.hash(utf8: texts[row].utf8))
        }
    }

    @Test("cuts the range of hashes into slices, finer ones within coarser ones, and orders hashes within each")
    func slices() {
        let hashes = (0..<2000).map { UserHash.hash(Int64($0)) }.sorted() + [.max]
        for count in [1, 2, 16, 1000] {
            let slices = hashes.map { UserHash.slice($0, of: count) }
            #expect(slices == slices.sorted() && slices.first == 0 && slices.last == count - 1)
            #expect(hashes.map { UserHash.slice($0, of: count * 8) / 8 } == slices)
            for (place, hash) in hashes.enumerated().dropFirst() where slices[place] == slices[place - 1] {
                #expect(
                    UserHash.placeInSlice(hash, of: count) > UserHash.placeInSlice(hashes[place - 1], of: count))
            }
        }
    }

    @Test("chooses by a salt as if at random, independent of the bucket")
    func choice() {
        var chosen = [Int](repeating: 0, count: 4)
        for user in 0..<40_000 as Range<Int64> {
            let hash = UserHash.hash(user)
            guard UserHash.slice(UserHash.choice(hash, salt: 7), of: 10) == 0 else { continue }
            chosen[UserHash.slice(hash, of: 4)] += 1
        }
        // Five standard deviations of 10,000 draws at one in ten.
        #expect(chosen.allSatisfy { abs($0 - 1000) < 150 })
        let others = (0..<1000 as Range<Int64>).map { UserHash.choice(UserHash.hash($0), salt: 8) }
        #expect(others != (0..<1000 as Range<Int64>).map { UserHash.choice(UserHash.hash($0), salt: 7) })
    }

    @Test("spreads users evenly")
    func spread() {
        var counts = [Int](repeating: 0, count: 16)
        for user in 0..<160_000 as Range<Int64> { counts[UserHash.slice(UserHash.hash(user), of: 16)] += 1 }
        // Five standard deviations of a fair draw.
        #expect(counts.allSatisfy { abs($0 - 10_000) < 500 })
    }
}
