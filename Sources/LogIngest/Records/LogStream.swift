import Samples

/// A file or entry that is being read: where it is, and where in its records the wanted columns stand.
struct LogStream: Sendable {
    /// File and entry.
    var position: SourcePosition
    /// Its columns.
    var columns: ColumnNames
    /// The wanted columns' places in `columns`, in the order in which they were asked for.
    var places: [Int]
    /// The line on which the first record may start, from 1.
    var firstLine: Int
    /// Whether fields stand in its lines in the columns' order, so that their numbers mean something to a person.
    var hasFieldNumbers: Bool
    /// Whether the file may have a checksum that is looked at when it is read to its end.
    var isPacked: Bool
}
