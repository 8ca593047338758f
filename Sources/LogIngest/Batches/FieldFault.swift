/// A field of a row that does not hold what it must.
struct FieldFault {
    /// The row in the block.
    var row: Int
    /// The field, from 0.
    var column: Int
    var message: String

    /// A field of the column called `name`, which must be `what`.
    init(_ block: RecordBlock, _ row: Int, _ column: Int, _ name: String, mustBe what: String, advice: String = "") {
        self.row = row
        self.column = column
        let text = block.bytes[block.range(row, column)]
        let found = text.isEmpty ? "empty" : FieldText.quoted(text)
        message = "\(FieldText.quoted(name.utf8)) must be \(what), is \(found)\(advice)"
    }
}
