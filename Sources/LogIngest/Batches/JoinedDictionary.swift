import Samples

/// The ids of a feature that stands in a side table. A key gets its id when the log first meets it, so that ids follow the
/// log's order, as those of the log's own features do.
final class JoinedDictionary {
    private let tableKeys: TextColumn
    /// The id of the table's key `i`, from 1; nil as long as the log has not met it.
    private var ids: [UInt32?]
    let dictionary: LogDictionary

    init(tableKeys: TextColumn, _ dictionary: LogDictionary) {
        self.tableKeys = tableKeys
        self.dictionary = dictionary
        ids = [0] + Array(repeating: nil, count: tableKeys.count)
    }

    /// The log's id of the table's.
    @inline(__always)
    func id(of tableID: UInt32) -> UInt32 {
        if let id = ids[Int(tableID)] { return id }
        let id = dictionary.id(of: tableKeys.utf8(Int(tableID) - 1).span)
        ids[Int(tableID)] = id
        return id
    }
}
