import Samples

/// In how many rows each id of a dictionary occurred.
struct RowCounts {
    /// The count of each id; that of 0 counts rows, or values, without a key that has one.
    private(set) var values: [Int64] = [0]
    /// Values whose keys have no id, as they do not stand in a given vocabulary.
    private(set) var unseenCount = 0
    /// The last row in which an id was counted; multi-valued features only.
    private var lastRows: [Int] = []
    private var row = 0

    /// Makes room for ids up to `count`.
    mutating func reserve(_ count: Int, isMultivalued: Bool) {
        if values.count <= count { values.append(contentsOf: repeatElement(0, count: count + 1 - values.count)) }
        if isMultivalued && lastRows.count <= count {
            lastRows.append(contentsOf: repeatElement(-1, count: count + 1 - lastRows.count))
        }
    }

    /// Takes over what was counted under other ids.
    mutating func take(_ ids: inout ForeignIDs) {
        ids.takeCounts { foreign, id, count in
            if id == 0 && foreign != 0 { unseenCount += Int(count) }
            values[Int(id)] += count
        }
    }

    /// Lists with the log's ids in the place of others, counted once a row. Ids that become 0 are left out.
    mutating func renumbered(_ lists: ListColumn, by ids: ForeignIDs) -> ListColumn {
        var ends: [Int32] = [0]
        var renumbered: [UInt32] = []
        ends.reserveCapacity(lists.offsets.count)
        renumbered.reserveCapacity(lists.values.count)
        let offsets = lists.offsets.span
        let olds = lists.values.span
        for list in 0..<lists.count {
            for place in Int(offsets[list])..<Int(offsets[list + 1]) {
                let new = ids[olds[place]]
                guard new != 0 else {
                    unseenCount += 1
                    continue
                }
                renumbered.append(new)
                if lastRows[Int(new)] != row {
                    lastRows[Int(new)] = row
                    values[Int(new)] &+= 1
                }
            }
            ends.append(Int32(truncatingIfNeeded: renumbered.count))
            row &+= 1
        }
        return ListColumn(offsets: ends, values: renumbered)
    }
}
