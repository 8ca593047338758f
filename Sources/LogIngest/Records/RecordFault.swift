/// A record that makes no row, or a row that makes no sample, and why. Where it stands is counted within its block.
struct RecordFault: Sendable, Hashable {
    /// The line on which the record starts, from 0.
    var line: Int
    /// The field, from 0; nil where it is about the whole record.
    var column: Int?
    /// The record's text in the block.
    var start: Int
    var end: Int
    /// Where exactly in the block; the record's start if the fault has no place of its own.
    var place: Int
    /// What is wrong, without a final full stop.
    var message: String
}
