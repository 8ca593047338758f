import CFieldSplit
import Samples

/// Splits a stream's bytes into records and fields by RFC 4180, a block at a time, synchronously.
///
/// Lines end with LF or CR LF; the last may have no end. Blank lines are skipped where a record has more than one field.
/// Quotes count only at the start of a field, so `5" disk` is plain text. A record that is not as it should be becomes a
/// fault, and the next one starts behind the line break that follows what is wrong. Whatever the blocks' borders, records
/// and faults are the same.
struct CSVParser {
    private let splitter: RecordSplitter
    private let mostRecordBytes: Int
    /// The fast way through regular lines, where the dialect allows it.
    private let plain: PlainLines?
    /// Whether what follows belongs to a record that was too long and found faulty already.
    private(set) var isSkipping = false
    /// How many of the bytes that follow were gone through in search of a closing quote, in vain. Records that start in them
    /// are of one line, or lines that each open a quote would each be a search through all that follow.
    private var searchedBytes = 0

    /// A parser at the start of a stream.
    ///
    /// - Parameter mostRecordBytes: the longest record that is read, its quoted line breaks included.
    init(_ dialect: CSVDialect, mostRecordBytes: Int = 1 << 20) {
        splitter = RecordSplitter(dialect)
        plain = PlainLines(dialect)
        self.mostRecordBytes = mostRecordBytes
    }

    /// Text without quotes was taken out in front of what comes next.
    mutating func passOver(_ byteCount: Int) { searchedBytes = max(0, searchedBytes - byteCount) }

    /// Finds the records in `block.bytes`, which follow on what the last call used: `block.usedCount` bytes are done with,
    /// the rest is to be given again, with more text after it.
    ///
    /// - Parameters:
    ///   - columnCount: fields that every record must have; nil if the first record sets that.
    ///   - isLast: whether the stream ends with the block.
    ///   - mostRecords: where to stop.
    mutating func split(
        _ block: inout RecordBlock, columnCount: Int?, isLast: Bool, mostRecords: Int = .max
    ) {
        // Taken out while `bytes` is looked at, to be changed at the same time.
        var fields: [RecordBlock.Field] = []
        swap(&fields, &block.fields)
        fields.removeAll(keepingCapacity: true)
        block.records.removeAll(keepingCapacity: true)
        block.faults = []
        block.textCount = block.bytes.count
        block.usedCount = 0
        block.lineCount = 0
        block.columnCount = columnCount ?? 0
        var unquoted: [UInt8] = []
        // Many rows may be wrong in the same way: their message is one string.
        var wrongCount = (found: -1, message: "")
        defer {
            swap(&fields, &block.fields)
            if !unquoted.isEmpty { block.bytes.append(contentsOf: unquoted) }
        }
        var expected = columnCount
        var searchedEnd = searchedBytes
        var window = block.textCount
        if isSkipping { skipLine(in: &block, from: 0) }
        while block.usedCount < block.textCount && block.records.count < mostRecords {
            if let plain, let expected, mostRecords == .max {
                let first = block.usedCount
                plain.split(
                    &block, into: &fields, columnCount: expected, mostRecordBytes: mostRecordBytes, window: window)
                if block.usedCount == block.textCount { break }
                // It looks over its whole window first, which must not be in vain again and again.
                window =
                    block.usedCount - first >= window / 2 ? min(2 * window, block.textCount) : PlainLines.leastWindow
            }
            let start = block.usedCount
            let firstField = fields.count
            let firstUnquoted = unquoted.count
            let isOneLine = start < searchedEnd
            let outcome = splitter.split(
                block.bytes.span.bytes, from: start, isLast: isLast, isOneLine: isOneLine, into: &fields,
                unquoted: &unquoted)
            let fieldCount = fields.count &- firstField
            var fault: RecordFault?
            // An open quote may have swallowed good lines, so only the line on which the record starts is given up.
            var resume = start
            switch outcome {
            case .record(let record):
                if record.end - start > mostRecordBytes {
                    fault = tooLong(start, of: block)
                    break
                }
                let line = block.lineCount
                block.lineCount &+= record.lineBreaks
                block.usedCount = record.next
                if fieldCount == expected ?? fieldCount && !(fieldCount == 1 && expected == nil && record.end == start)
                {
                    expected = fieldCount
                    block.records.append(
                        RecordBlock.Record(
                            line: Int32(truncatingIfNeeded: line), start: Int32(truncatingIfNeeded: start),
                            end: Int32(truncatingIfNeeded: record.end)))
                } else {
                    fields.removeLast(fieldCount)
                    let isBlank = fieldCount == 1 && record.end == start
                    if !isBlank {
                        if wrongCount.found != fieldCount {
                            wrongCount = (fieldCount, Self.wrongCount(fieldCount, expected ?? 0))
                        }
                        block.faults.append(
                            RecordFault(
                                line: line, start: start, end: record.end, place: start,
                                message: wrongCount.message))
                    }
                }
                continue
            case .incomplete:
                if block.textCount - start > mostRecordBytes + Self.mostLookAhead {
                    fault = tooLong(start, of: block)
                }
            case .openQuote(let place):
                let end = isOneLine ? lineEnd(in: block, from: start) : block.textCount
                fault =
                    end - start > mostRecordBytes
                    ? tooLong(start, of: block)
                    : RecordFault(
                        line: block.lineCount, column: fieldCount, start: start, end: textEnd(of: block, start, start),
                        place: place, message: "the quote is not closed")
            case .textAfterQuote(let place):
                let end = lineEnd(in: block, from: place)
                if place - start > mostRecordBytes {
                    fault = tooLong(start, of: block)
                } else if end < block.textCount || isLast || end - start > mostRecordBytes {
                    fault = RecordFault(
                        line: block.lineCount, column: fieldCount, start: start, end: textEnd(of: block, start, place),
                        place: place, message: "text stands after the closing quote")
                    resume = place
                }
            }
            fields.removeLast(fields.count - firstField)
            unquoted.removeLast(unquoted.count - firstUnquoted)
            guard let fault else { break }
            block.faults.append(fault)
            if resume == start && !isOneLine { searchedEnd = start + mostRecordBytes }
            skipLine(in: &block, from: resume)
        }
        block.columnCount = expected ?? 0
        searchedBytes = max(0, searchedEnd - block.usedCount)
    }

    /// More bytes than are ever looked at behind a record's end.
    private static let mostLookAhead = 64

    /// Goes on behind the first line break at or after `place`; behind the text if there is none, and what follows is
    /// skipped, too.
    private mutating func skipLine(in block: inout RecordBlock, from place: Int) {
        let end = lineEnd(in: block, from: place)
        block.lineCount += block.bytes[block.usedCount..<end].count { $0 == 0x0A }
        isSkipping = end == block.textCount
        block.usedCount = end
        guard !isSkipping else { return }
        block.usedCount += 1
        block.lineCount += 1
    }

    /// Place of the first line break at or after `place`, or the end of the text.
    private func lineEnd(in block: RecordBlock, from place: Int) -> Int {
        block.bytes[place..<block.textCount].firstIndex(of: 0x0A) ?? block.textCount
    }

    /// Where the text of a faulty record ends that starts at `start`: before the line end that follows `place`, or where it
    /// is too long.
    private func textEnd(of block: RecordBlock, _ start: Int, _ place: Int) -> Int {
        let end = lineEnd(in: block, from: place)
        let hasReturn = end < block.textCount && end > place && block.bytes[end - 1] == 0x0D
        return min(hasReturn ? end - 1 : end, start + mostRecordBytes)
    }

    private func tooLong(_ start: Int, of block: RecordBlock) -> RecordFault {
        RecordFault(
            line: block.lineCount, start: start, end: textEnd(of: block, start, start), place: start,
            message: "the row is longer than \(mostRecordBytes) bytes; is a quote not closed?")
    }

    private static func wrongCount(_ found: Int, _ expected: Int) -> String {
        "the row has \(found == 1 ? "1 field" : "\(found) fields"), not \(expected) as expected"
    }
}
