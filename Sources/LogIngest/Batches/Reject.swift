import Samples

/// A row of the log that made no sample.
struct Reject: Sendable, Hashable {
    /// Where it starts, or which of its fields is wrong.
    var position: SourcePosition
    /// The name of the column that is wrong; nil where it is about the whole row.
    var column: String?
    /// What is wrong.
    var reason: String
    /// The row's text as it stands in the log, without its line end; cut off where it is longer than a row may be.
    var text: [UInt8]
}
