import CFieldSplit
import Samples

/// Whole records of a log, split into fields that are ranges of one buffer: nothing is copied per field.
struct RecordBlock: Sendable {
    /// One record, a row of the log: the line on which it starts, counted from 0 at the block's first, and its place in
    /// `bytes`, the line end excluded.
    typealias Record = plumb_record

    /// Where a field stands in `bytes`, without quotes.
    typealias Field = plumb_field

    /// Text of the stream, then, after `textCount`, the fields whose doubled quotes or escapes were resolved.
    var bytes: [UInt8] = []
    /// How many of `bytes` are text of the stream, the start of a record that is not whole included.
    var textCount = 0
    /// How many of those are done with: they belong to `records` and `faults`, or to neither, such as blank lines.
    var usedCount = 0
    /// How many lines end in them.
    var lineCount = 0
    /// Place of `bytes`' first byte in the stream.
    var streamOffset = 0
    /// The records, in order.
    var records: [Record] = []
    /// The records' fields end to end, `columnCount` a record.
    var fields: [Field] = []
    /// Fields a record.
    var columnCount = 0
    /// Records that could not be read, in order.
    var faults: [RecordFault] = []

    /// A block over text at a place in its stream.
    init(_ bytes: [UInt8] = [], at streamOffset: Int = 0, columnCount: Int = 0) {
        self.bytes = bytes
        textCount = bytes.count
        self.streamOffset = streamOffset
        self.columnCount = columnCount
    }

    /// Number of records.
    var count: Int { records.count }

    /// Whether all of the text is ASCII, hence every field UTF-8.
    var isASCII: Bool {
        let words = bytes.span.bytes
        var position = 0
        var all: UInt64 = 0
        while position &+ 32 <= words.byteCount {
            all |= words.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self)
            all |= words.unsafeLoadUnaligned(fromByteOffset: position &+ 8, as: UInt64.self)
            all |= words.unsafeLoadUnaligned(fromByteOffset: position &+ 16, as: UInt64.self)
            all |= words.unsafeLoadUnaligned(fromByteOffset: position &+ 24, as: UInt64.self)
            position &+= 32
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

    /// What is wrong with a record, or with one of its fields.
    func fault(_ row: Int, column: Int?, _ message: String) -> RecordFault {
        let record = records[row]
        let start = column.map { range(row, $0).lowerBound } ?? Int(record.start)
        return RecordFault(
            line: Int(record.line), column: column, start: Int(record.start), end: Int(record.end),
            // A field that was moved behind the text has no place in it: its record's has to do.
            place: start < textCount ? start : Int(record.start), message: message)
    }

    /// Takes records out; `rows` rise.
    mutating func remove(_ rows: [Int]) {
        guard let first = rows.first else { return }
        var kept = first
        var next = 0
        for row in first..<count {
            if next < rows.count && rows[next] == row {
                next += 1
                continue
            }
            records[kept] = records[row]
            for column in 0..<columnCount { fields[kept * columnCount + column] = fields[row * columnCount + column] }
            kept += 1
        }
        records.removeLast(count - kept)
        fields.removeLast(fields.count - kept * columnCount)
    }
}
