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
    /// The counts of users whose keys are no small integers, in the order of their places.
    private var counts: [Count] = []
    /// The counts of small integer keys, by key: most logs number their users.
    private var smallCounts: [Count] = []
    private var integers: ShortKeyTable
    private var texts = KeyDictionary()

    /// Keys below this have their counts in `smallCounts`, which takes at most 32 MiB.
    private static let smallKeyEnd = 1 << 21

    /// No users yet.
    public init(_ kind: KeyColumn.Kind) {
        users = KeyColumn(kind)
        var generator = SystemRandomNumberGenerator()
        integers = ShortKeyTable(&generator)
    }

    /// Number of users.
    public var count: Int { users.count }

    /// Counts a batch's samples; a label above 0.5 is positive. Throws `data` once text keys take more than 2 GiB.
    public mutating func add(_ batch: SampleBatch) throws(StageError) {
        if texts.isNearlyFull { throw StageError(.data, "the users' keys take more than 2 GiB") }
        switch batch.users {
        case .integers(let keys):
            makeRoom(for: keys)
            var row = 0
            while row < keys.count {
                row = addSmall(keys, batch.labels, from: row)
                guard row < keys.count else { break }
                add(keys[row], batch.labels[row])
                row += 1
            }
        case .text(let keys):
            for row in 0..<keys.count { add(to: place(ofText: keys, row), batch.labels[row]) }
        }
    }

    /// Counts rows from `start` on, up to the first whose key is not small or new. Returns that row.
    private mutating func addSmall(_ keys: [Int64], _ labels: [Float], from start: Int) -> Int {
        let (keys, labels) = (keys.span, labels.span)
        // In a loop of its own, which needs no look at who else holds the counts.
        var counts = smallCounts.mutableSpan
        for row in start..<keys.count {
            let key = keys[row]
            guard key >= 0 && key < counts.count, counts[Int(key)].samples > 0 else { return row }
            counts[Int(key)].samples &+= 1
            if labels[row] > 0.5 { counts[Int(key)].positives &+= 1 }
        }
        return keys.count
    }

    /// Lets `smallCounts` reach the greatest small key.
    private mutating func makeRoom(for keys: [Int64]) {
        var greatest = Int64(-1)
        for key in keys where key < Self.smallKeyEnd { greatest = max(greatest, key) }
        guard greatest >= smallCounts.count else { return }
        let count = min(max(1024, 2 * Int(greatest)), Self.smallKeyEnd)
        smallCounts.append(contentsOf: repeatElement(Count(), count: count - smallCounts.count))
    }

    private mutating func add(to place: Int, _ label: Float) {
        counts[place].samples &+= 1
        if label > 0.5 { counts[place].positives &+= 1 }
    }

    private static func isSmall(_ key: Int64) -> Bool { key >= 0 && key < smallKeyEnd }

    /// Counts a row whose key is new, or large.
    private mutating func add(_ key: Int64, _ label: Float) {
        guard Self.isSmall(key) else { return add(to: place(ofLarge: key), label) }
        if smallCounts[Int(key)].samples == 0 { users.append(.integer(key)) }
        smallCounts[Int(key)].samples &+= 1
        if label > 0.5 { smallCounts[Int(key)].positives &+= 1 }
    }

    private mutating func place(ofLarge key: Int64) -> Int {
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
        // Users stand in the order of their first rows, and so do those of them that have their counts in `counts`.
        var next = 0
        for row in 0..<count {
            var key: Int64 = -1
            switch users {
            case .integers(let keys):
                key = keys[row]
                text += String(key).utf8
            case .text(let keys): text += Self.field(keys.utf8(row))
            }
            let isSmall = Self.isSmall(key)
            let user = isSmall ? smallCounts[Int(key)] : counts[next]
            if !isSmall { next += 1 }
            text += ",\(user.samples),\(user.positives)\n".utf8
        }
        return text
    }

    private static func field(_ text: ArraySlice<UInt8>) -> [UInt8] {
        let needsQuotes = text.contains { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }
        guard needsQuotes else { return Array(text) }
        return [0x22] + text.flatMap { $0 == 0x22 ? [0x22, 0x22] : [$0] } + [0x22]
    }
}
