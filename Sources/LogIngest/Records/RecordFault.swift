/// Why a record of a block could not be read.
struct RecordFault: Hashable {
    /// The line on which the record starts, from 0 at the block's start.
    var line: Int
    /// The field, from 1; nil where it is about the whole record.
    var column: Int?
    /// The record's place in the block's bytes, the line end excluded.
    var start: Int
    var end: Int
    var message: String
}
