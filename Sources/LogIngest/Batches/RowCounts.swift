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

    /// Counts the row of a categorical feature that holds `id`.
    @inline(__always)
    mutating func add(_ id: UInt32) { values[Int(id)] &+= 1 }

    /// Counts `id` for the current row of a multi-valued feature, once even if the row holds it twice.
    @inline(__always)
    mutating func addOnce(_ id: UInt32) {
        guard lastRows[Int(id)] != row else { return }
        lastRows[Int(id)] = row
        values[Int(id)] &+= 1
    }

    /// Goes on to the next row of a multi-valued feature.
    @inline(__always)
    mutating func endRow() { row &+= 1 }
}
