import Samples
import Testing

@testable import UserPartition

@Suite("The hash that sends users to buckets")
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

    @Test("gives rows and single keys the same bucket, in range", arguments: [1, 2, 16, 1000])
    func agreement(buckets: Int) {
        let numbers: [Int64] = [.min, -1, 0, 1, 2, 99, .max]
        let texts = ["", "a", "ab", "Zoë", "99"]
        for (row, bucket) in UserHash.buckets(of: .integers(numbers), of: buckets).enumerated() {
            #expect(bucket == UserHash.bucket(of: .integer(numbers[row]), of: buckets))
            #expect((0..<buckets).contains(bucket))
        }
        for (row, bucket) in UserHash.buckets(of: .text(TextColumn(texts)), of: buckets).enumerated() {
            #expect(bucket == UserHash.bucket(of: .text(texts[row]), of: buckets))
        }
    }

    @Test("spreads users evenly")
    func spread() {
        var counts = [Int](repeating: 0, count: 16)
        for bucket in UserHash.buckets(of: .integers(Array(0..<160_000)), of: 16) { counts[bucket] += 1 }
        // Five standard deviations of a fair draw.
        #expect(counts.allSatisfy { abs($0 - 10_000) < 500 })
    }
}
