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
