import CFieldSplit
import CSimdjson

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Takes the wanted values out of lines of JSON, one object a line, a block at a time, synchronously.
///
/// A column's name is the way to its value: keys with dots between them (`user.id`), where digits without a leading 0 are
/// the index of an array's item (`items.0.id`), or, if it starts with `/`, a JSON Pointer (RFC 6901), for keys that hold
/// dots themselves. Of a key that an object holds twice the first counts.
///
/// Every line is checked whole, as JSON by RFC 8259, also where nothing is wanted. A field is empty where the value is
/// null or not there; the digits of numbers stay as they are, and so do `true` and `false`. An array gives its items,
/// those of arrays in it included and nulls left out, with U+001F between them.
struct JSONLineParser: ~Copyable {
    private let parser: OpaquePointer
    private let columns: [String]
    private let mostRecordBytes: Int
    /// What the parser found in one line.
    private var found: [csimdjson_field]

    /// Between the items of an array.
    static let itemSeparator: UInt8 = 0x1F

    /// - Parameters:
    ///   - columns: the wanted columns; blocks have their fields in this order.
    ///   - mostRecordBytes: the longest line that is read.
    init(columns: [String], mostRecordBytes: Int = 1 << 20) {
        parser = csimdjson_make()
        self.columns = columns
        self.mostRecordBytes = mostRecordBytes
        found = Array(repeating: csimdjson_field(), count: columns.count)
        for column in columns {
            var name = column
            name.withUTF8 { utf8 in
                utf8.withMemoryRebound(to: CChar.self) { csimdjson_add_column(parser, $0.baseAddress, $0.count) }
            }
        }
    }

    deinit { csimdjson_free(parser) }

    /// Finds the records and faults of the lines in `block.bytes[..<block.textCount]`, at most 2 GiB.
    ///
    /// The lines are whole; only the last may lack its line end. Blank lines are counted, but no records. What had to be
    /// unescaped or joined stands behind the text. A line with a fault adds nothing but the fault.
    mutating func split(_ block: inout RecordBlock) {
        let textCount = block.textCount
        precondition(textCount <= Int(Int32.max))
        block.columnCount = columns.count
        // Taken out while `bytes` is looked at, to be changed at the same time.
        var bytes: [UInt8] = []
        swap(&bytes, &block.bytes)
        bytes.removeLast(bytes.count - textCount)
        bytes.append(contentsOf: repeatElement(0, count: csimdjson_padding))
        csimdjson_clear_text(parser)
        bytes.withUnsafeBytes { buffer in
            var start = 0
            while start < textCount {
                let lineEnd = Self.lineEnd(buffer, from: start, to: textCount)
                let end = lineEnd > start && buffer[lineEnd - 1] == 0x0D ? lineEnd - 1 : lineEnd
                parse(buffer, start, end, textCount, &block)
                if lineEnd < textCount { block.lineCount += 1 }
                start = lineEnd + 1
            }
        }
        bytes.removeLast(csimdjson_padding)
        var count = 0
        let text = csimdjson_text(parser, &count)
        // `text` points to `count` bytes until the parser is used again.
        bytes.append(contentsOf: UnsafeRawBufferPointer(start: text, count: count))
        swap(&bytes, &block.bytes)
    }

    /// Reads the line at `start..<end`.
    private mutating func parse(
        _ buffer: UnsafeRawBufferPointer, _ start: Int, _ end: Int, _ textCount: Int, _ block: inout RecordBlock
    ) {
        let line = block.lineCount
        guard end - start <= mostRecordBytes else {
            block.faults.append(
                RecordFault(
                    line: line, start: start, end: min(end, start + mostRecordBytes), place: start,
                    message: "the row is longer than \(mostRecordBytes) bytes"))
            return
        }
        // The line lies in `buffer`, which goes on for the padding behind `textCount`; `found` has a field a column.
        let outcome = found.withUnsafeMutableBufferPointer { found in
            csimdjson_parse(
                parser, buffer.baseAddress?.advanced(by: start).assumingMemoryBound(to: CChar.self), end - start,
                Int(Int32.max) - textCount, found.baseAddress)
        }
        guard outcome.status == csimdjson_good else {
            let text = UnsafeRawBufferPointer(rebasing: buffer[start..<end])
            if outcome.status == csimdjson_not_object && text.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) {
                return
            }
            block.faults.append(
                RecordFault(
                    line: line, column: outcome.column < 0 ? nil : Int(outcome.column), start: start, end: end,
                    place: start, message: message(outcome, text)))
            return
        }
        block.records.append(
            RecordBlock.Record(line: Int32(truncatingIfNeeded: line), start: Int32(start), end: Int32(end)))
        for field in found {
            let base = Int32(truncatingIfNeeded: field.is_in_text ? textCount : start)
            block.fields.append(RecordBlock.Field(start: base + field.start, end: base + field.end))
        }
    }

    /// Where the next line feed stands, or `end`.
    @inline(__always)
    private static func lineEnd(_ buffer: UnsafeRawBufferPointer, from start: Int, to end: Int) -> Int {
        // `start < end`, and both lie in `buffer`.
        guard let base = buffer.baseAddress, let found = memchr(base + start, 0x0A, end - start) else { return end }
        return UnsafeRawPointer(found) - base
    }
}

extension JSONLineParser {
    /// What is wrong with a line, for a person.
    private borrowing func message(_ outcome: csimdjson_outcome, _ line: UnsafeRawBufferPointer) -> String {
        if Self.startsAsPython(line) || outcome.status == csimdjson_python_literal {
            return "looks like a Python dictionary, not JSON; convert it first"
        }
        let column = outcome.column < 0 ? "" : FieldText.quoted(columns[Int(outcome.column)].utf8)
        return switch outcome.status {
        case csimdjson_not_utf8: "the line holds bytes that are not UTF-8"
        case csimdjson_control_character: "a string holds a control character that is not escaped"
        case csimdjson_open_string: "a string is not closed"
        case csimdjson_bad_escape:
            "a string holds an escape that JSON does not know, or half of a surrogate pair, at or after byte "
                + "\(outcome.offset + 1) of the line"
        case csimdjson_not_object:
            line.first == UInt8(ascii: "[") ? "the line holds an array, not an object" : "the line is not a JSON object"
        case csimdjson_text_after_object: "something stands behind the line's object"
        case csimdjson_too_deep: "objects and arrays nest deeper than \(csimdjson_maximum_depth) levels"
        case csimdjson_object_for_value: "an object stands where \(column) wants a value"
        case csimdjson_value_for_container: "a value stands where \(column) leads on to a key or an index"
        case csimdjson_array_for_object: "an array stands where \(column) leads on to a key"
        case csimdjson_separator_in_item: "an item of \(column) holds U+001F, which stands between items"
        case csimdjson_too_much_text: "\(column) is too long"
        default: "the line is not valid JSON at or after byte \(outcome.offset + 1)"
        }
    }

    /// Whether a line starts as Python prints a dictionary with keys that are strings.
    private static func startsAsPython(_ line: UnsafeRawBufferPointer) -> Bool {
        var start = line.drop { $0 == 0x20 || $0 == 0x09 }
        guard start.popFirst() == UInt8(ascii: "{") else { return false }
        start = start.drop { $0 == 0x20 || $0 == 0x09 }
        let starts = ["'", "u'", "u\"", "b'", "b\""]
        return starts.contains { start.starts(with: $0.utf8) }
    }
}
