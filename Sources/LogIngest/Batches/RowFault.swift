import Samples

/// A row of a block that makes no sample, and why.
struct RowFault {
    /// The row in the block.
    var row: Int
    /// The field, from 0.
    var column: Int
    var message: String

    /// A field called `name` that does not hold what it must.
    init(_ block: RecordBlock, _ row: Int, _ column: Int, _ name: String, mustBe what: String, advice: String = "") {
        self.row = row
        self.column = column
        let text = block.bytes[block.range(row, column)]
        let found = text.isEmpty ? "empty" : FieldText.quoted(text)
        message = "\(FieldText.quoted(name.utf8)) must be \(what), is \(found)\(advice)"
    }

    /// The one that comes first in the log.
    static func first(_ a: RowFault?, _ b: RowFault?) -> RowFault? {
        guard let a, let b else { return a ?? b }
        return b.row < a.row ? b : a
    }

    /// The fault as the reason to stop.
    func error(in block: RecordBlock) -> StageError {
        StageError(.data, message, at: block.position(row, column: column))
    }
}
