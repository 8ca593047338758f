import Samples
import Testing

@testable import LogIngest

struct KeyDictionaryTests {
    @Test
    func numbersKeysInOrderOfFirstAppearance() {
        var dictionary = KeyDictionary()
        let keys = ["b", "a", "b", "longer than eight bytes", "a", "c", "longer than eight byteS"]
        #expect(keys.map { dictionary.id(of: Array($0.utf8).span) } == [1, 2, 1, 3, 2, 4, 5])
        #expect(dictionary.count == 5)
        #expect(
            (0..<5).map { dictionary.keys[$0] } == [
                "b", "a", "longer than eight bytes", "c", "longer than eight byteS",
            ])
        #expect(dictionary.find(Array("c".utf8).span) == 4)
        #expect(dictionary.find(Array("d".utf8).span) == 0)
        #expect(dictionary.count == 5)
    }

    @Test
    func keepsIdsWhileItGrows() {
        var dictionary = KeyDictionary()
        var reference: [String: UInt32] = [:]
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<50_000 {
            let key = String(generator.next(upperBound: UInt64(20_000)) &* 0x9E37_79B9_7F4A_7C15, radix: 36)
            let expected = reference[key] ?? UInt32(reference.count + 1)
            reference[key] = expected
            #expect(dictionary.id(of: Array(key.utf8).span) == expected)
        }
        #expect(dictionary.count == reference.count)
        for (key, id) in reference { #expect(dictionary.keys[Int(id) - 1] == key) }
    }

    /// Expected values by Python's xxhash.
    @Test
    func hashesAsXXH64Does() throws {
        let lines = try Fixture.lines("hashes.tsv")
        #expect(lines.count == 12)
        for line in lines {
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
            #expect(StableHash.hash(Array(parts[0].utf8).span) == UInt64(parts[1], radix: 16), "\(parts[0])")
        }
    }

    @Test
    func hashedIdsStayBetweenOneAndTheSize() {
        let ids = (0..<1000).map { KeyEncoder.hashID(of: Array(String($0).utf8).span, size: 10) }
        #expect(Set(ids) == Set(1...10))
        #expect(
            KeyEncoder.hashID(of: Array("abcd".utf8).span, size: 1000) == UInt32(0xDE03_27B0_D25D_92CC % UInt64(1000))
                + 1)
        #expect(KeyEncoder.hashID(of: Array("x".utf8).span, size: 1) == 1)
    }
}
