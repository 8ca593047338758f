import Samples

/// Keys and their ids: 1, 2, … in the order in which they were first looked up.
///
/// Hash tables with random seeds, one for short keys and one for the rest; ids do not depend on the seeds.
struct KeyDictionary {
    /// All keys' bytes, end to end.
    private var bytes: [UInt8] = []
    /// The key of id `i` is `bytes[offsets[i - 1]..<offsets[i]]`.
    private var offsets: [Int32] = [0]
    private var shortKeys: ShortKeyTable
    /// Other keys, with open addressing. Upper half: part of the hash. Lower half: the id; 0 where free.
    private var slots: [UInt64]
    /// How many slots are taken; at most half.
    private var slotCount = 0
    private let seed: UInt64

    /// Without keys.
    init() {
        var generator = SystemRandomNumberGenerator()
        shortKeys = ShortKeyTable(&generator)
        slots = Array(repeating: 0, count: 1024)
        seed = generator.next()
    }

    /// Number of keys, which is also the greatest id.
    var count: Int { offsets.count - 1 }

    /// Bytes of all keys, end to end.
    var byteCount: Int { bytes.count }

    /// All keys, in order of their ids from 1.
    var keys: TextColumn { TextColumn(offsets: offsets, bytes: bytes) }

    /// The keys with ids above `count`, in order of their ids.
    func keys(from count: Int) -> TextColumn {
        if count == self.count { return TextColumn() }
        let start = offsets[count]
        return TextColumn(offsets: offsets[count...].map { $0 - start }, bytes: Array(bytes[Int(start)...]))
    }

    /// Whether the keys of one more block might not fit: there is room for 2 GiB of key bytes.
    var isNearlyFull: Bool { bytes.count > Int(Int32.max) - Self.blockReserve }

    /// More key bytes than one block can bring.
    private static let blockReserve = 64 << 20

    /// The id of `key`; 0 if it was never given one.
    @inline(__always)
    func find(_ key: Span<UInt8>) -> UInt32 {
        if let short = ShortKey(key) { return shortKeys.find(short).id }
        return findLong(key, StableHash.hash(key, seed: seed)).id
    }

    /// The id of `key`, a new one if it has none yet.
    @inline(__always)
    mutating func id(of key: Span<UInt8>) -> UInt32 {
        guard let short = ShortKey(key) else { return id(ofLong: key) }
        let (id, place) = shortKeys.find(short)
        if id != 0 { return id }
        let new = append(key)
        shortKeys.insert(short, id: new, at: place)
        return new
    }

    /// The ids of keys that stand in `text`, new ones for those that have none yet; 0 for empty ones. `range` says where key
    /// `i` of `count` stands.
    ///
    /// In two passes: the first reads the keys, the second looks them up. A look-up is little but a wait for memory, and with
    /// nothing else between them, many wait at once.
    @inline(__always)
    mutating func ids(in text: Span<UInt8>, count: Int, range: (Int) -> Range<Int>) -> [UInt32] {
        var keys: [(key: ShortKey, hash: Int)] = []
        keys.reserveCapacity(count)
        for index in 0..<count {
            let range = range(index)
            // No short key has no length: it stands for those that are empty or long.
            let key = ShortKey(text, at: range.lowerBound, count: range.count) ?? ShortKey(low: 0, high: 0)
            keys.append((key, shortKeys.hash(of: key)))
        }
        return [UInt32](unsafeUninitializedCapacity: count) { ids, idCount in
            // One id a turn, `count` in all.
            for index in 0..<count {
                let (key, hash) = keys[index]
                let found = shortKeys.find(key, hash: hash)
                ids.initializeElement(
                    at: index, to: found.id != 0 ? found.id : otherID(of: key, in: text, range(index)))
            }
            idCount = count
        }
    }

    /// The id of a key that is empty, long or new.
    @inline(never)
    private mutating func otherID(of key: ShortKey, in text: Span<UInt8>, _ range: Range<Int>) -> UInt32 {
        range.isEmpty ? 0 : id(of: text.extracting(range))
    }

    private mutating func id(ofLong key: Span<UInt8>) -> UInt32 {
        let hash = StableHash.hash(key, seed: seed)
        let (id, place) = findLong(key, hash)
        if id != 0 { return id }
        let new = append(key)
        slots[place] = Self.slot(hash, new)
        slotCount += 1
        if slotCount * 2 > slots.count { grow() }
        return new
    }

    private mutating func append(_ key: Span<UInt8>) -> UInt32 {
        key.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
        offsets.append(Int32(bytes.count))
        return UInt32(count)
    }

    /// The id of `key`, or 0, and the slot where it stands or belongs.
    private func findLong(_ key: Span<UInt8>, _ hash: UInt64) -> (id: UInt32, place: Int) {
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while true {
            let slot = slots[place]
            let id = UInt32(truncatingIfNeeded: slot)
            if id == 0 || (slot ^ hash) >> 32 == 0 && self.key(id).isEqual(to: key) { return (id, place) }
            place = (place + 1) & mask
        }
    }

    private func key(_ id: UInt32) -> ArraySlice<UInt8> {
        bytes[Int(offsets[Int(id) - 1])..<Int(offsets[Int(id)])]
    }

    private mutating func grow() {
        let mask = slots.count * 2 - 1
        var larger = [UInt64](repeating: 0, count: mask + 1)
        for slot in slots where slot != 0 {
            let id = UInt32(truncatingIfNeeded: slot)
            let hash = StableHash.hash(key(id).span, seed: seed)
            var place = Int(truncatingIfNeeded: hash) & mask
            while larger[place] != 0 { place = (place + 1) & mask }
            larger[place] = Self.slot(hash, id)
        }
        slots = larger
    }

    private static func slot(_ hash: UInt64, _ id: UInt32) -> UInt64 {
        (hash & 0xFFFF_FFFF_0000_0000) | UInt64(id)
    }
}

extension ArraySlice<UInt8> {
    /// Whether the bytes are the same.
    fileprivate func isEqual(to other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        let mine = span
        for index in 0..<count where mine[index] != other[index] { return false }
        return true
    }
}
