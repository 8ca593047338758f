import CFieldSplit

/// Splits regular lines without quotes, many at a time, by vector instructions.
struct PlainLines {
    private let delimiter: UInt8

    /// Nil for dialects with quotes or with a delimiter of several bytes.
    init?(_ dialect: CSVDialect) {
        guard dialect.quote == nil, dialect.delimiter.count == 1 else { return nil }
        delimiter = dialect.delimiter[0]
    }

    /// A window worth looking over for the sake of some lines.
    static let leastWindow = 4096

    /// Appends the records from `block.usedCount` on, up to the first that is not regular: blank, without a line feed, with
    /// another number of fields or too long. That one is left to a parser that can say what is wrong with it. No record is
    /// taken that ends more than `window` bytes further on; the cost is that of looking over so many.
    func split(
        _ block: inout RecordBlock, into fields: inout [RecordBlock.Field], columnCount: Int, mostRecordBytes: Int,
        window: Int
    ) {
        let start = block.usedCount
        let end = start + min(window, block.textCount - start)
        let (lines, delimiters) = block.bytes.withUnsafeBufferPointer { text in
            // `text` holds `textCount` bytes, and `start` is one of them, `end` not beyond them.
            let rest = text.baseAddress?.advanced(by: start)
            let count = end - start
            return (plumb_count_byte(rest, count, 0x0A), plumb_count_byte(rest, count, delimiter))
        }
        // A regular record has exactly one line feed and `columnCount - 1` delimiters, so there are not more.
        let most = min(lines, columnCount == 1 ? lines : delimiters / (columnCount - 1))
        guard most > 0, block.textCount <= Int(Int32.max) else { return }
        var found = 0
        let isFirst = fields.isEmpty && block.records.isEmpty
        let newFields = [RecordBlock.Field](unsafeUninitializedCapacity: most * columnCount) { fields, fieldCount in
            let newRecords = [RecordBlock.Record](unsafeUninitializedCapacity: most) { records, recordCount in
                // Both buffers hold what `most` records need, and the C code writes no more than it says it found.
                found = block.bytes.withUnsafeBufferPointer { text in
                    plumb_split_lines(
                        text.baseAddress, end, start, delimiter, columnCount, mostRecordBytes,
                        Int32(truncatingIfNeeded: block.lineCount), fields.baseAddress, records.baseAddress, most)
                }
                recordCount = found
            }
            if isFirst { block.records = newRecords } else { block.records += newRecords }
            fieldCount = found * columnCount
        }
        if isFirst { fields = newFields } else { fields += newFields }
        guard let last = block.records.last, found > 0 else { return }
        block.lineCount += found
        // Behind the line feed, and the carriage return that may stand before it.
        block.usedCount = Int(last.end) + (block.bytes[Int(last.end)] == 0x0A ? 1 : 2)
    }
}
