import Samples

/// Splits a stream's bytes into records and fields by RFC 4180, a block at a time, synchronously.
///
/// Lines end with LF or CR LF; the last may have no end. A byte order mark at the start is skipped, and so are blank lines
/// where a record has more than one field. Quotes count only at the start of a field, so `5" disk` is plain text.
/// Whatever the blocks' borders, the records are the same.
struct CSVParser {
    /// Why a record could not be read.
    struct Fault: Error, Hashable {
        /// The line on which the record starts, from 1.
        var line: Int
        /// The field, from 1; nil where it is about the whole record.
        var column: Int?
        /// Place in the stream.
        var byteOffset: Int
        var message: String
    }

    /// Fields a record; nil until the first record has shown it.
    private(set) var columnCount: Int?

    private let splitter: RecordSplitter
    private let mostRecordBytes: Int
    private var line = 1
    private var isAtStart = true

    /// A parser at the start of a stream.
    ///
    /// - Parameters:
    ///   - columnCount: fields every record must have; nil if the first record sets that.
    ///   - mostRecordBytes: the longest record that is read, its quoted line breaks included.
    init(_ dialect: CSVDialect, columnCount: Int? = nil, mostRecordBytes: Int = 1 << 20) {
        splitter = RecordSplitter(dialect)
        self.columnCount = columnCount
        self.mostRecordBytes = mostRecordBytes
    }

    /// Finds the records in `block.bytes`, which follow on what the last call used.
    ///
    /// The block's records before a fault are good. Without one, `block.usedCount` bytes are done with; the rest is to be
    /// given again, with more text after it.
    ///
    /// - Parameters:
    ///   - isLast: whether the stream ends with the block.
    ///   - mostRecords: where to stop.
    mutating func split(_ block: inout RecordBlock, isLast: Bool, mostRecords: Int = .max) -> Fault? {
        block.records.removeAll(keepingCapacity: true)
        // Taken out while `bytes` is looked at, to be changed at the same time.
        var fields: [RecordBlock.Field] = []
        swap(&fields, &block.fields)
        fields.removeAll(keepingCapacity: true)
        block.textCount = block.bytes.count
        block.usedCount = 0
        if isAtStart, !skipByteOrderMark(&block, isLast: isLast) { return nil }
        var unquoted: [UInt8] = []
        defer {
            swap(&fields, &block.fields)
            block.columnCount = columnCount ?? 0
            block.bytes.append(contentsOf: unquoted)
        }
        while block.usedCount < block.textCount && block.records.count < mostRecords {
            let start = block.usedCount
            let firstField = fields.count
            let outcome = splitter.split(
                block.bytes.span.bytes, from: start, isLast: isLast, into: &fields, unquoted: &unquoted)
            let fieldCount = fields.count - firstField
            var fault: Fault?
            switch outcome {
            case .record(let record):
                let isBlank = fieldCount == 1 && record.end == start
                if record.end - start > mostRecordBytes {
                    fault = tooLong(at: start, of: block)
                } else if isBlank && columnCount != 1 {
                    fields.removeLast()
                } else if fieldCount != columnCount ?? fieldCount {
                    let fields = fieldCount == 1 ? "1 field" : "\(fieldCount) fields"
                    let message = "the row has \(fields), not \(columnCount ?? 0) as expected"
                    fault = self.fault(message, at: start, of: block)
                } else {
                    columnCount = fieldCount
                    block.records.append(RecordBlock.Record(line: line, start: Int32(start), end: Int32(record.end)))
                }
                if fault == nil {
                    line += record.lineBreaks
                    block.usedCount = record.next
                    continue
                }
            case .incomplete:
                if block.textCount - start > mostRecordBytes { fault = tooLong(at: start, of: block) }
            case .fault(let offset, let message):
                fault = self.fault(message, column: fieldCount + 1, at: offset, of: block)
            }
            fields.removeLast(fields.count - firstField)
            return fault
        }
        return nil
    }

    /// False if more bytes are needed to see whether there is a mark.
    private mutating func skipByteOrderMark(_ block: inout RecordBlock, isLast: Bool) -> Bool {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        if block.bytes.starts(with: mark) {
            block.usedCount = mark.count
        } else if !isLast && mark.starts(with: block.bytes) {
            return false
        }
        isAtStart = false
        return true
    }

    private func tooLong(at start: Int, of block: RecordBlock) -> Fault {
        fault("the row is longer than \(mostRecordBytes) bytes; is a quote not closed?", at: start, of: block)
    }

    private func fault(_ message: String, column: Int? = nil, at offset: Int, of block: RecordBlock) -> Fault {
        Fault(line: line, column: column, byteOffset: block.streamOffset + offset, message: message)
    }
}
