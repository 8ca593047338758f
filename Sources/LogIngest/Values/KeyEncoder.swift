import Samples

/// Turns keys into ids, by dictionary or by hash; id 0 is missing.
struct KeyEncoder {
    /// The keys so far; nil where ids are made by hash.
    private(set) var dictionary: KeyDictionary?
    private let hashSize: UInt64

    init(_ encoding: SampleSchema.Encoding) {
        switch encoding {
        case .dictionary:
            dictionary = KeyDictionary()
            hashSize = 0
        case .hash(let size):
            hashSize = UInt64(size)
        }
    }

    /// Numbers keys anew, from 1.
    mutating func forget() {
        if dictionary != nil { dictionary = KeyDictionary() }
    }

    /// The id of a key that is not empty.
    @inline(__always)
    mutating func id(of key: Span<UInt8>) -> UInt32 {
        if let id = dictionary?.id(of: key) { return id }
        return Self.hashID(of: key, size: hashSize)
    }

    /// The ids of keys that stand in `text`; 0 for empty ones. `range` says where key `i` of `count` stands.
    @inline(__always)
    mutating func ids(in text: Span<UInt8>, count: Int, range: (Int) -> Range<Int>) -> [UInt32] {
        if let ids = dictionary?.ids(in: text, count: count, range: range) { return ids }
        return (0..<count).map { index in
            let range = range(index)
            return range.isEmpty ? 0 : Self.hashID(of: text.extracting(range), size: hashSize)
        }
    }

    /// Ids 1...`size`: XXH64 with seed 0 modulo `size`, plus 1.
    static func hashID(of key: Span<UInt8>, size: UInt64) -> UInt32 {
        UInt32(StableHash.hash(key) % size) + 1
    }
}
