public import Samples

/// Samples and positive samples of each user, for a look at a log without a store.
///
/// Memory grows with the number of users: some 60 bytes each, and the key's own where keys are text.
public struct UserCounts: Sendable {
    private var users: KeyColumn
    private var samples: [Int64] = []
    private var positives: [Int64] = []
    private var integers: ShortKeyTable
    private var texts = KeyDictionary()

    /// No users yet.
    public init(_ kind: KeyColumn.Kind) {
        users = KeyColumn(kind)
        var generator = SystemRandomNumberGenerator()
        integers = ShortKeyTable(&generator)
    }

    /// Number of users.
    public var count: Int { samples.count }

    /// Counts a batch's samples; a label above 0.5 is positive.
    public mutating func add(_ batch: SampleBatch) {
        switch batch.users {
        case .integers(let keys):
            for (row, key) in keys.enumerated() { add(to: place(of: key), batch.labels[row]) }
        case .text(let keys):
            for row in 0..<keys.count { add(to: place(ofText: keys, row), batch.labels[row]) }
        }
    }

    private mutating func add(to place: Int, _ label: Float) {
        samples[place] += 1
        if label > 0.5 { positives[place] += 1 }
    }

    private mutating func place(of key: Int64) -> Int {
        let short = ShortKey(key)
        let (id, slot) = integers.find(short)
        if id != 0 { return Int(id) - 1 }
        users.append(.integer(key))
        append()
        integers.insert(short, id: UInt32(samples.count), at: slot)
        return samples.count - 1
    }

    private mutating func place(ofText keys: TextColumn, _ row: Int) -> Int {
        let id = texts.id(of: keys.utf8(row).span)
        if id > samples.count {
            users.append(.text(keys[row]))
            append()
        }
        return Int(id) - 1
    }

    private mutating func append() {
        samples.append(0)
        positives.append(0)
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
            text += ",\(samples[row]),\(positives[row])\n".utf8
        }
        return text
    }

    private static func field(_ text: ArraySlice<UInt8>) -> [UInt8] {
        let needsQuotes = text.contains { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }
        guard needsQuotes else { return Array(text) }
        return [0x22] + text.flatMap { $0 == 0x22 ? [0x22, 0x22] : [$0] } + [0x22]
    }
}
