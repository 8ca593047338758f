import Samples

/// The ids of a feature that stands in a side table. A key gets its id when the log first meets it, so that ids follow the
/// log's order, as those of the log's own features do.
final class JoinedDictionary {
    /// The keys and counts over the log.
    let dictionary: LogDictionary
    private let tableKeys: TextColumn
    /// The log's id of the table's key `i`, from 1; 0 as long as the log has not met it, and where it has none.
    private var ids: ForeignIDs
    private var isMet: [Bool]

    /// Nothing met yet; `tableKeys` are those of the table's ids from 1.
    init(tableKeys: TextColumn, _ dictionary: LogDictionary) {
        self.tableKeys = tableKeys
        self.dictionary = dictionary
        ids = ForeignIDs(count: tableKeys.count)
        isMet = [true] + Array(repeating: false, count: tableKeys.count)
    }

    /// Gives a column the log's ids in place of the table's, and counts them.
    func renumber(_ column: inout FeatureColumn) {
        switch column {
        case .categorical(let tableIDs): meet(tableIDs)
        case .multivalued(let lists): meet(lists.values)
        case .dense: return
        }
        dictionary.renumber(&column, by: &ids)
    }

    /// Completes the dictionary's counts.
    func finish() { dictionary.takeCounts(of: &ids) }

    private func meet(_ tableIDs: [UInt32]) {
        let isMet = isMet
        var new: [UInt32] = []
        for id in tableIDs where !isMet[Int(id)] { new.append(id) }
        for id in new where !self.isMet[Int(id)] {
            self.isMet[Int(id)] = true
            let key = tableKeys.utf8(Int(id) - 1)
            ids[id] = dictionary.id(of: key.span)
        }
    }
}
