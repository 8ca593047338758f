import Samples

/// In how many rows each id of a dictionary occurred.
struct RowCounts {
    /// The count of each id; that of 0 counts rows, or values, without a key that has one.
    private(set) var values: [Int64] = [0]
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

    /// Puts `ids[i]` in the place of each id `i` and counts it. Returns how many others than 0 became 0.
    mutating func renumber(_ column: inout [UInt32], by ids: Span<UInt32>) -> Int {
        var unseenCount = 0
        var rows = column.mutableSpan
        var counts = values.mutableSpan
        for row in 0..<rows.count {
            let old = rows[row]
            let new = ids[Int(old)]
            if new == 0 && old != 0 { unseenCount &+= 1 }
            rows[row] = new
            counts[Int(new)] &+= 1
        }
        return unseenCount
    }

    /// Lists with `ids[i]` in the place of each id `i`, counted once a row. Ids that become 0 are left out.
    mutating func renumbered(_ lists: ListColumn, by ids: Span<UInt32>) -> ListColumn {
        var ends: [Int32] = [0]
        var renumbered: [UInt32] = []
        ends.reserveCapacity(lists.offsets.count)
        renumbered.reserveCapacity(lists.values.count)
        let offsets = lists.offsets.span
        let olds = lists.values.span
        for list in 0..<lists.count {
            for place in Int(offsets[list])..<Int(offsets[list + 1]) {
                let new = ids[Int(olds[place])]
                guard new != 0 else { continue }
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
