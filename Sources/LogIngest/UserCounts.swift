public import Samples

/// Samples and positive samples of each user, for a look at a log without a store.
///
/// Memory grows with the number of users: some 60 bytes each, and the key's own where keys are text.
public struct UserCounts: Sendable {
    private struct Count {
        var samples: Int64 = 0
        var positives: Int64 = 0
    }

    private var users: KeyColumn
    private var counts: [Count] = []
    /// One more than the place of each small integer key; 0 where there is none. Most logs number their users.
    private var smallKeys: [UInt32] = []
    private var integers: ShortKeyTable
    private var texts = KeyDictionary()

    /// Keys below this are looked up without a hash; bounds `smallKeys` at 16 MiB.
    private static let smallKeyEnd = 1 << 22

    /// No users yet.
    public init(_ kind: KeyColumn.Kind) {
        users = KeyColumn(kind)
        var generator = SystemRandomNumberGenerator()
        integers = ShortKeyTable(&generator)
    }

    /// Number of users.
    public var count: Int { counts.count }

    /// Counts a batch's samples; a label above 0.5 is positive.
    public mutating func add(_ batch: SampleBatch) {
        var places: [Int] = []
        places.reserveCapacity(batch.count)
        switch batch.users {
        case .integers(let keys): for key in keys { places.append(place(of: key)) }
        case .text(let keys): for row in 0..<keys.count { places.append(place(ofText: keys, row)) }
        }
        // In a loop of its own, which needs no look at who else holds the counts.
        var counts = counts.mutableSpan
        for row in places.indices {
            let place = places[row]
            counts[place].samples &+= 1
            if batch.labels[row] > 0.5 { counts[place].positives &+= 1 }
        }
    }

    @inline(__always)
    private mutating func place(of key: Int64) -> Int {
        if key >= 0 && key < smallKeys.count {
            let id = smallKeys[Int(key)]
            if id != 0 { return Int(id) &- 1 }
        }
        return newPlace(of: key)
    }

    /// The place of a key that is new or large.
    @inline(never)
    private mutating func newPlace(of key: Int64) -> Int {
        guard key < 0 || key >= Self.smallKeyEnd else {
            if key >= smallKeys.count {
                let count = min(max(1024, 2 * Int(key)), Self.smallKeyEnd)
                smallKeys.append(contentsOf: repeatElement(0, count: count - smallKeys.count))
            }
            users.append(.integer(key))
            counts.append(Count())
            smallKeys[Int(key)] = UInt32(counts.count)
            return counts.count - 1
        }
        let short = ShortKey(key)
        let (id, slot) = integers.find(short)
        if id != 0 { return Int(id) - 1 }
        users.append(.integer(key))
        counts.append(Count())
        integers.insert(short, id: UInt32(counts.count), at: slot)
        return counts.count - 1
    }

    private mutating func place(ofText keys: TextColumn, _ row: Int) -> Int {
        let id = texts.id(of: keys.utf8(row).span)
        if id > counts.count {
            users.append(.text(keys[row]))
            counts.append(Count())
        }
        return Int(id) - 1
    }

    /// The counts as CSV with the header `user,samples,positives`, users in order of first appearance. Text keys stand in
    /// quotes where they must (RFC 4180).
    public func csv() -> [UInt8] {
        var text = Array("user,samples,positives\n".utf8)
        text.reserveCapacity(count * 16)
        for row in 0..<count {
            switch users {
            case .integers(let keys): text += String(keys[row]).utf8
            case .text(let keys): text += Self.field(keys.utf8(row))
            }
            text += ",\(counts[row].samples),\(counts[row].positives)\n".utf8
        }
        return text
    }

    private static func field(_ text: ArraySlice<UInt8>) -> [UInt8] {
        let needsQuotes = text.contains { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }
        guard needsQuotes else { return Array(text) }
        return [0x22] + text.flatMap { $0 == 0x22 ? [0x22, 0x22] : [$0] } + [0x22]
    }
}
