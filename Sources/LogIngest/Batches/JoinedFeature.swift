import Samples

/// A feature whose values stand in a side table. A key gets its id when the log first meets it, so that ids follow the
/// log's order, as those of the log's own features do.
struct JoinedFeature {
    private let name: String
    private let values: FeatureColumn
    /// The side table's own keys; nil for hashed and dense features.
    private let tableKeys: TextColumn?
    /// The id of the table's key `i`, from 1; 0 as long as the log has not met it. Empty for hashed and dense features.
    private var ids: [UInt32]
    /// The table's keys in order of their ids.
    private var order: [UInt32] = []
    private var counts = RowCounts()
    private var column: ColumnBuilder
    /// Rows of the log whose key stands nowhere in the table.
    private(set) var missCount = 0

    init(_ feature: IngestSettings.FeatureSetting, from column: SideTable.Column) {
        name = feature.name
        values = column.values
        tableKeys = column.dictionary?.keys
        ids = Array(repeating: 0, count: column.dictionary.map { $0.count + 1 } ?? 0)
        self.column = ColumnBuilder(feature.schemaFeature.kind)
    }

    /// Bytes held in rows not taken yet.
    var byteCount: Int { column.byteCount }

    /// Appends the values of the table's rows; -1 stands for a key that is not there, whose row is 0 or empty.
    mutating func append(_ tableRows: [Int32]) {
        missCount += tableRows.count { $0 < 0 }
        switch values {
        case .categorical(let tableIDs):
            for row in tableRows {
                let id = row < 0 ? 0 : logID(of: tableIDs[Int(row)])
                counts.add(id)
                column.append(id: id)
            }
        case .multivalued(let lists):
            let ends = lists.offsets.span
            let tableIDs = lists.values.span
            for row in tableRows {
                if row >= 0 {
                    for place in Int(ends[Int(row)])..<Int(ends[Int(row) + 1]) {
                        let id = logID(of: tableIDs[place])
                        counts.addOnce(id)
                        column.append(id: id)
                    }
                }
                column.endList()
                counts.endRow()
            }
        case .dense(let numbers):
            for row in tableRows { column.append(number: row < 0 ? 0 : numbers[Int(row)]) }
        }
    }

    /// The rows so far as a column; none are left.
    mutating func take() -> FeatureColumn { column.take() }

    /// The keys that the log met, with the rows in which they occurred; nil for hashed and dense features.
    var vocabulary: Vocabulary? {
        tableKeys.map { tableKeys in
            var keys = TextColumn()
            for id in order { keys.append(utf8: tableKeys.utf8(Int(id) - 1)) }
            return Vocabulary(feature: name, keys: keys, counts: counts.values)
        }
    }

    @inline(__always)
    private mutating func logID(of tableID: UInt32) -> UInt32 {
        // A hashed id is the same in the table and in the log.
        if ids.isEmpty || tableID == 0 { return tableID }
        if ids[Int(tableID)] == 0 {
            order.append(tableID)
            ids[Int(tableID)] = UInt32(order.count)
        }
        return ids[Int(tableID)]
    }
}
