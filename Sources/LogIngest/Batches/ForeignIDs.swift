/// The log's ids of keys that are numbered otherwise, by a worker or in a side table, and in how many rows each was met.
///
/// An id and its count stand side by side, so that a row of a log touches one place in memory.
struct ForeignIDs {
    private struct Entry {
        var id: UInt32 = 0
        var count: UInt32 = 0
    }

    /// Entry `i` is of the key that the others call `i`; 0 is "no key" everywhere.
    private var entries = [Entry()]
    /// No count is above this; below 2^32.
    private var rowCount = 0

    /// Ids for `count` keys, 0 until they are set.
    init(count: Int = 0) {
        entries.append(contentsOf: repeatElement(Entry(), count: count))
    }

    /// Adds the id of the next key.
    mutating func append(_ id: UInt32) { entries.append(Entry(id: id)) }

    /// The log's id of a key.
    subscript(_ foreign: UInt32) -> UInt32 {
        get { entries[Int(foreign)].id }
        set { entries[Int(foreign)].id = newValue }
    }

    /// Puts the log's ids in the place of others and counts them; `counts` is given the counts whenever they grow large.
    mutating func renumber(_ column: inout [UInt32], counts: inout RowCounts) {
        if rowCount + column.count > Int(UInt32.max) { counts.take(&self) }
        rowCount += column.count
        var rows = column.mutableSpan
        var entries = entries.mutableSpan
        for row in 0..<rows.count {
            let place = Int(rows[row])
            rows[row] = entries[place].id
            entries[place].count &+= 1
        }
    }

    /// Hands each key's id and count to `body` and counts from 0 again. Entry 0 comes first, "no key".
    mutating func takeCounts(_ body: (_ foreign: Int, _ id: UInt32, _ count: Int64) -> Void) {
        rowCount = 0
        for index in entries.indices where entries[index].count > 0 {
            body(index, entries[index].id, Int64(entries[index].count))
            entries[index].count = 0
        }
    }
}
