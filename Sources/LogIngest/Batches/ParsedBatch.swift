import Samples

/// A batch as a worker leaves it: all columns but the lists of side tables, of which it has the rows.
///
/// A row of a log of a few bytes may be joined with lists of a million ids. They are gathered when the batch is handed on,
/// so that those of one batch are in memory and not those of all batches of all chunks.
struct ParsedBatch: Sendable {
    /// A feature whose lists stand in a side table.
    struct JoinedLists: Sendable {
        /// The feature's place in the schema.
        var feature: Int
        /// Index of the join by which rows are found.
        var join: Int
        /// The side table's lists.
        var lists: ListColumn
    }

    /// The columns; those of `joinedLists` hold as many empty lists.
    var samples: SampleBatch
    var joinedLists: [JoinedLists]
    /// For each join the side table's rows, -1 for a key that is not there.
    var tableRows: [[Int32]]

    /// The lists of a feature.
    func gather(_ joined: JoinedLists) -> ListColumn {
        var result = ListColumn()
        for row in tableRows[joined.join] {
            if row < 0 { result.append([]) } else { result.append(joined.lists[Int(row)]) }
        }
        return result
    }
}
