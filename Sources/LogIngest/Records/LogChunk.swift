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

/// A piece of a stream that holds whole records only, so that it can be looked at without its neighbours.
struct LogChunk: Sendable {
    /// What a piece holds.
    enum Content: Sendable {
        /// Text without a quote in it, still to be split.
        case text(RecordBlock)
        /// Records, split where they were read, as only that could find their ends.
        case records(RecordBlock)
    }

    /// The file or entry that it is from.
    var stream: LogStream
    /// Whether it is the stream's first.
    var isFirst: Bool
    var content: Content
}
