import Samples

/// Rows in memory and the order they have in the store: by the hash of the user's key, then the key, then time, then
/// place in the input.
struct SortedRows {
    /// The rows as they came.
    let rows: SampleBatch
    /// The row at each place.
    private(set) var order: [UInt32]
    /// The places of each user.
    private(set) var users: [Range<Int>]

    /// Sorts rows, fewer than 2³², whose hashes all fall into one of `slices` equal slices: the fewer rows a slice has,
    /// the less is left to compare.
    ///
    /// Cost: linear where times rise already, as logs' mostly do; 24 bytes a row on top of the rows themselves.
    init(_ rows: SampleBatch, slices: Int) {
        self.rows = rows
        let hashes = UserHash.hashes(of: rows.users)
        var entries: [UInt64] = []
        entries.reserveCapacity(rows.count)
        for (row, hash) in hashes.enumerated() {
            entries.append(UserHash.placeInSlice(hash, of: slices) & ~0xFFFF_FFFF | UInt64(row))
        }
        RadixSort.sortByUpperHalf(&entries)
        order = entries.map { UInt32(truncatingIfNeeded: $0) }
        users = []
        var start = 0
        while start < order.count {
            var end = start + 1
            while end < order.count, entries[end] >> 32 == entries[start] >> 32 { end += 1 }
            appendUsers(start..<end, hashes)
            start = end
        }
        sortTimes()
    }

    /// Takes rows that are in order already.
    init(inOrder rows: SampleBatch) {
        self.rows = rows
        order = Array(0..<UInt32(rows.count))
        users = rows.userRanges
    }

    /// Cuts places whose hashes agree as far as they were looked at into users: mostly a single one.
    private mutating func appendUsers(_ places: Range<Int>, _ hashes: [UInt64]) {
        let keys = rows.users
        let first = Int(order[places.lowerBound])
        if places.dropFirst().allSatisfy({ keys.isEqual(Int(order[$0]), to: keys, first) }) {
            users.append(places)
            return
        }
        order[places].sort { a, b in
            let (row, other) = (Int(a), Int(b))
            if keys.isEqual(row, to: keys, other) { return row < other }
            return keys.standsBefore(row, hash: hashes[row], keys, other, hash: hashes[other])
        }
        var start = places.lowerBound
        for place in places {
            if place + 1 < places.upperBound, keys.isEqual(Int(order[place]), to: keys, Int(order[place + 1])) {
                continue
            }
            users.append(start..<(place + 1))
            start = place + 1
        }
    }

    private mutating func sortTimes() {
        let times = rows.times
        for user in users {
            let isRising = user.dropFirst().allSatisfy { times[Int(order[$0 - 1])] <= times[Int(order[$0])] }
            if isRising { continue }
            let sorted = order[user].map { (time: times[Int($0)], row: $0) }.sorted {
                ($0.time, $0.row) < ($1.time, $1.row)
            }
            for (place, entry) in zip(user, sorted) { order[place] = entry.row }
        }
    }
}
