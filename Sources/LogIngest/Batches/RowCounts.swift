/// In how many rows each id of a dictionary occurred.
struct RowCounts {
    /// The count of id `i` is `values[i - 1]`.
    private(set) var values: [Int64] = []
    /// The last row in which an id was counted; multi-valued features only.
    private var lastRows: [Int] = []
    private var row = 0

    /// Counts the row of a categorical feature that holds `id`; 0 counts nowhere.
    @inline(__always)
    mutating func add(_ id: UInt32) {
        guard id > 0 else { return }
        if Int(id) > values.count { values.append(contentsOf: repeatElement(0, count: Int(id) - values.count)) }
        values[Int(id) &- 1] &+= 1
    }

    /// Counts `id` for the current row of a multi-valued feature, once even if the row holds it twice.
    @inline(__always)
    mutating func addOnce(_ id: UInt32) {
        guard id > 0 else { return }
        if Int(id) > lastRows.count {
            lastRows.append(contentsOf: repeatElement(-1, count: Int(id) - lastRows.count))
        }
        guard lastRows[Int(id) &- 1] != row else { return }
        lastRows[Int(id) &- 1] = row
        add(id)
    }

    /// Goes on to the next row of a multi-valued feature.
    @inline(__always)
    mutating func endRow() { row &+= 1 }
}
