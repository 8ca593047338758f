import Samples

/// A parser of one JSON document (RFC 8259) that says where it is wrong.
///
/// Stricter than the standard where that helps a reader: a key may stand once in an object, and nesting ends at 64 levels.
struct JSONParser {
    private let bytes: [UInt8]
    private let file: String
    private var offset = 0
    private var depth = 0

    /// A parser over a whole document; `file` is named in errors.
    init(_ bytes: [UInt8], file: String) {
        self.bytes = bytes
        self.file = file
    }

    /// The document.
    mutating func parse() throws(StageError) -> JSONValue {
        let value = try parseValue()
        skipSpace()
        guard offset == bytes.count else { throw fault("there is more after the end of the document") }
        return value
    }

    private var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func parseValue() throws(StageError) -> JSONValue {
        skipSpace()
        guard let current else { throw fault("the document ends where a value should stand") }
        switch current {
        case UInt8(ascii: "{"): return try nested { parser throws(StageError) in try parser.parseObject() }
        case UInt8(ascii: "["): return try nested { parser throws(StageError) in try parser.parseArray() }
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
        case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
        case UInt8(ascii: "n"): return try parseWord("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
        default: throw fault("this is not JSON")
        }
    }

    /// Parses what stands inside an opening bracket, which is skipped.
    private mutating func nested(
        _ parse: (inout JSONParser) throws(StageError) -> JSONValue
    ) throws(StageError) -> JSONValue {
        guard depth < 64 else { throw fault("values are nested more than 64 deep") }
        depth += 1
        offset += 1
        let value = try parse(&self)
        depth -= 1
        return value
    }

    private mutating func parseObject() throws(StageError) -> JSONValue {
        var members: [JSONValue.Member] = []
        var keys: Set<String> = []
        if skip("}") { return .object(members) }
        repeat {
            skipSpace()
            guard current == UInt8(ascii: "\"") else { throw fault("a key in quotes is missing here") }
            let start = offset
            let key = try parseString()
            guard keys.insert(key).inserted else { throw fault("the key \"\(key)\" stands twice", at: start) }
            guard skip(":") else { throw fault("a colon is missing after \"\(key)\"") }
            members.append(JSONValue.Member(key: key, value: try parseValue()))
        } while skip(",")
        guard skip("}") else { throw fault("a comma or a closing brace is missing here") }
        return .object(members)
    }

    private mutating func parseArray() throws(StageError) -> JSONValue {
        var values: [JSONValue] = []
        if skip("]") { return .array(values) }
        repeat { values.append(try parseValue()) } while skip(",")
        guard skip("]") else { throw fault("a comma or a closing bracket is missing here") }
        return .array(values)
    }

    private mutating func parseWord(_ word: String, _ value: JSONValue) throws(StageError) -> JSONValue {
        guard bytes[offset...].starts(with: word.utf8) else { throw fault("this is not JSON") }
        offset += word.utf8.count
        return value
    }

    private mutating func parseNumber() throws(StageError) -> JSONValue {
        let start = offset
        _ = skipDirectly("-")
        if !skipDirectly("0") { try skipDigits() }
        if skipDirectly(".") { try skipDigits() }
        if skipDirectly("e") || skipDirectly("E") {
            _ = skipDirectly("+") || skipDirectly("-")
            try skipDigits()
        }
        return .number(String(decoding: bytes[start..<offset], as: UTF8.self))
    }

    private mutating func skipDigits() throws(StageError) {
        let start = offset
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { offset += 1 }
        guard offset > start else { throw fault("a digit is missing here") }
    }

    private mutating func parseString() throws(StageError) -> String {
        let start = offset
        offset += 1
        var text: [UInt8] = []
        while let byte = current {
            offset += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw fault("the text that starts here is not UTF-8", at: start)
                }
                return string
            case UInt8(ascii: "\\"): text.append(contentsOf: String(try parseEscape()).utf8)
            case 0..<0x20: throw fault("a control character stands in a text", at: offset - 1)
            default: text.append(byte)
            }
        }
        throw fault("the text that starts here never ends", at: start)
    }

    private mutating func parseEscape() throws(StageError) -> Unicode.Scalar {
        let start = offset - 1
        defer { offset += 1 }
        switch current {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw fault("there is no such escape", at: start)
        }
        var units = [try parseUnit(start)]
        if UTF16.isLeadSurrogate(units[0]) {
            guard bytes[min(offset + 1, bytes.count)...].starts(with: "\\u".utf8) else {
                throw fault("this surrogate has no second half", at: start)
            }
            offset += 2
            units.append(try parseUnit(start))
        }
        guard let text = String(validating: units, as: UTF16.self), let scalar = text.unicodeScalars.first else {
            throw fault("this escape is no character", at: start)
        }
        return scalar
    }

    /// The four hexadecimal digits after the `u` at the current offset, which then is their last.
    private mutating func parseUnit(_ start: Int) throws(StageError) -> UInt16 {
        let digits = bytes[min(offset + 1, bytes.count)...].prefix(4)
        guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw fault("four hexadecimal digits are missing here", at: start) }
        offset += 4
        return unit
    }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d { offset += 1 }
    }

    /// Skips white space, then `character` if it is next.
    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        return skipDirectly(character)
    }

    private mutating func skipDirectly(_ character: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    /// An error at `place`, or at the current byte, with line and column from 1.
    private func fault(_ message: String, at place: Int? = nil) -> StageError {
        let before = bytes.prefix(place ?? offset)
        let lines = before.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let column = String(decoding: lines.last ?? [], as: UTF8.self).unicodeScalars.count + 1
        return StageError(.data, message, at: SourcePosition(file: file, line: lines.count, column: column))
    }
}
