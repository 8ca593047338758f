import Samples

/// Numbers users 0, 1, 2, … in order of first appearance.
///
/// A hash table with open addressing over the key column itself. It hashes with the process's own seed: a log made to
/// send its users to few buckets cannot also make this table slow.
struct UserNumbering {
    /// The users, by number.
    private(set) var keys: KeyColumn

    private var hashes: [Int] = []
    /// A user's number plus one, or 0 for a free slot; a power of two of them, at most half taken.
    private var slots: [UInt32] = Array(repeating: 0, count: 1024)

    /// A numbering of no users.
    init(_ kind: KeyColumn.Kind) {
        keys = KeyColumn(kind)
    }

    /// The user's number for each row. Fewer than 2³² rows in all.
    mutating func numbers(of users: KeyColumn) -> [UInt32] {
        var numbers: [UInt32] = []
        numbers.reserveCapacity(users.count)
        for row in 0..<users.count {
            // Logs often hold several rows of a user in a row.
            if row > 0, users.isEqual(row, to: users, row - 1) {
                numbers.append(numbers[row - 1])
            } else {
                numbers.append(number(of: row, in: users))
            }
        }
        return numbers
    }

    private mutating func number(of row: Int, in users: KeyColumn) -> UInt32 {
        let hash = Self.hash(row, of: users)
        var slot = hash & (slots.count - 1)
        while slots[slot] != 0 {
            let number = Int(slots[slot] - 1)
            if hashes[number] == hash, keys.isEqual(number, to: users, row) { return UInt32(number) }
            slot = (slot + 1) & (slots.count - 1)
        }
        let number = UInt32(hashes.count)
        keys.append(row, of: users)
        hashes.append(hash)
        slots[slot] = number + 1
        if hashes.count * 2 > slots.count { grow() }
        return number
    }

    private mutating func grow() {
        var wider = [UInt32](repeating: 0, count: slots.count * 2)
        for (number, hash) in hashes.enumerated() {
            var slot = hash & (wider.count - 1)
            while wider[slot] != 0 { slot = (slot + 1) & (wider.count - 1) }
            wider[slot] = UInt32(number) + 1
        }
        slots = wider
    }

    private static func hash(_ row: Int, of users: KeyColumn) -> Int {
        var hasher = Hasher()
        switch users {
        case .integers(let values): hasher.combine(values[row])
        case .text(let values): values.utf8(row).withUnsafeBytes { hasher.combine(bytes: $0) }
        }
        return hasher.finalize()
    }
}
