import Samples

/// A row of the log that made no sample.
struct Reject: Sendable, Hashable {
    /// Where it starts, or which of its fields is wrong; the line counts from 0 at the chunk's first until the chunk's own
    /// place is known.
    var position: SourcePosition
    /// The name of the column that is wrong; nil where it is about the whole row.
    var column: String?
    /// What is wrong.
    var reason: String
    /// The row's text as it stands in the log, without its line end; cut off where it is longer than a row may be.
    var text: [UInt8]

    init(_ fault: RecordFault, in block: RecordBlock, of stream: LogStream) {
        position = stream.position
        position.line = fault.line
        position.column = stream.hasFieldNumbers ? fault.column.map { $0 + 1 } : nil
        position.byteOffset = block.streamOffset + fault.place
        let names = stream.columns.names
        column = fault.column.flatMap { names.indices.contains($0) ? names[$0] : nil }
        reason = fault.message
        text = Array(block.bytes[fault.start..<fault.end])
    }
}
