import Samples

/// Whole records of a log, split into fields that are ranges of one buffer: nothing is copied per field.
struct RecordBlock {
    /// One record: a row of the log.
    struct Record {
        /// The line on which it starts, from 1.
        var line: Int
        /// Its place in `bytes`, the line end excluded.
        var start: Int32
        var end: Int32
    }

    /// Where a field stands in `bytes`, without quotes.
    struct Field {
        var start: Int32
        var end: Int32
    }

    /// Text of the stream, then, after `textCount`, the fields whose doubled quotes were made single.
    var bytes: [UInt8] = []
    /// How many of `bytes` are text of the stream, the start of a record that is not whole included.
    var textCount = 0
    /// How many of those belong to `records`.
    var usedCount = 0
    /// Place of `bytes`' first byte in the stream.
    var streamOffset = 0
    /// The records, in order.
    var records: [Record] = []
    /// The records' fields end to end, `columnCount` a record.
    var fields: [Field] = []
    /// Fields a record.
    var columnCount = 0
    /// What could not be read, in order.
    var faults: [RecordFault] = []
    /// Line breaks in the text.
    var lineCount = 0
    /// File and entry that the records are from.
    var stream = SourcePosition(file: "")

    /// Moves the text after the last record to the front, where more can be appended to it; no records are left.
    mutating func dropUsed() {
        streamOffset += usedCount
        bytes.removeLast(bytes.count - textCount)
        bytes.removeFirst(usedCount)
        textCount = bytes.count
        usedCount = 0
        records.removeAll(keepingCapacity: true)
        fields.removeAll(keepingCapacity: true)
    }

    /// Number of records.
    var count: Int { records.count }

    /// Whether all of the text is ASCII, hence every field UTF-8.
    var isASCII: Bool {
        let words = bytes.span.bytes
        var position = 0
        var all: UInt64 = 0
        while position &+ 8 <= words.byteCount {
            all |= words.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self)
            position &+= 8
        }
        while position < words.byteCount {
            all |= UInt64(words[position])
            position &+= 1
        }
        return all & 0x8080_8080_8080_8080 == 0
    }

    /// Where a field of a record stands in `bytes`.
    @inline(__always)
    func range(_ row: Int, _ column: Int) -> Range<Int> {
        let field = fields[row &* columnCount &+ column]
        return Int(field.start)..<Int(field.end)
    }

    /// Place in the log of a record, or of one of its fields (from 0).
    func position(_ row: Int, column: Int? = nil) -> SourcePosition {
        let record = records[row]
        let start = column.map { range(row, $0).lowerBound } ?? Int(record.start)
        // A field with doubled quotes was moved behind the text: its record's place has to do.
        let offset = start < textCount ? start : Int(record.start)
        return SourcePosition(
            file: stream.file, entry: stream.entry, line: record.line, column: column.map { $0 + 1 },
            byteOffset: streamOffset + offset)
    }
}
