/// A recursive-descent reader of one document over hostile bytes: bounded depth, every index checked, no number or escape that
/// overflows.
struct JSONReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int
    private var depth = 0

    // Far above any document of ours, far below what the stack of a phone's background thread takes.
    private static let depthLimit = 64

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    mutating func readDocument() throws(JSONError) -> JSONValue {
        let value = try readValue()
        skipSpace()
        guard position == bytes.endIndex else { throw fault("there is more after the end of the document") }
        return value
    }

    private var current: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

    /// An error at a place in the bytes, or at the current byte.
    private func fault(_ message: String, at place: Int? = nil) -> JSONError {
        JSONError(.syntax, message, at: (place ?? position) - bytes.startIndex)
    }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
    }

    /// Steps over `character` if it is next.
    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// Steps over white space, then over `character` if it is next.
    private mutating func skipSpace(and character: Unicode.Scalar) -> Bool {
        skipSpace()
        return skip(character)
    }

    private mutating func readValue() throws(JSONError) -> JSONValue {
        skipSpace()
        guard let current else { throw fault("the document ends where a value should stand") }
        switch current {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            guard depth < Self.depthLimit else { throw fault("values are nested more than \(Self.depthLimit) deep") }
            depth += 1
            defer { depth -= 1 }
            position += 1
            return current == UInt8(ascii: "{") ? .object(try readMembers()) : .array(try readElements())
        case UInt8(ascii: "\""): return .string(try readString())
        case UInt8(ascii: "t"): return try readWord("true", .bool(true))
        case UInt8(ascii: "f"): return try readWord("false", .bool(false))
        case UInt8(ascii: "n"): return try readWord("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try readNumber()
        default: throw fault("this is not JSON")
        }
    }

    private mutating func readWord(_ word: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
        guard bytes[position...].starts(with: word.utf8) else { throw fault("this is not JSON") }
        position += word.utf8.count
        return value
    }

    private mutating func readMembers() throws(JSONError) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        var keys: Set<String> = []
        if skipSpace(and: "}") { return members }
        repeat {
            skipSpace()
            guard current == UInt8(ascii: "\"") else { throw fault("a key in quotes is missing here") }
            let start = position
            let key = try readString()
            guard keys.insert(key).inserted else {
                throw fault("the key \(JSONWriter.quoted(key)) stands twice", at: start)
            }
            guard skipSpace(and: ":") else { throw fault("a colon is missing after \(JSONWriter.quoted(key))") }
            members.append(JSONValue.Member(key, try readValue()))
        } while skipSpace(and: ",")
        guard skip("}") else { throw fault("a comma or a closing brace is missing here") }
        return members
    }

    private mutating func readElements() throws(JSONError) -> [JSONValue] {
        var values: [JSONValue] = []
        if skipSpace(and: "]") { return values }
        repeat { values.append(try readValue()) } while skipSpace(and: ",")
        guard skip("]") else { throw fault("a comma or a closing bracket is missing here") }
        return values
    }

    private mutating func readNumber() throws(JSONError) -> JSONValue {
        let start = position
        let isNegative = skip("-")
        if !skip("0") { try skipDigits() }
        var isWhole = true
        if skip(".") {
            isWhole = false
            try skipDigits()
        }
        if skip("e") || skip("E") {
            isWhole = false
            _ = skip("+") || skip("-")
            try skipDigits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        // An integer has no -0.
        if isWhole, let value = Int128(text), !(isNegative && value == 0) { return .integer(value) }
        guard let value = Double(text), value.isFinite else {
            throw fault("the number that starts here is out of range", at: start)
        }
        return .number(value)
    }

    private mutating func skipDigits() throws(JSONError) {
        let start = position
        while let byte = current, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte { position += 1 }
        guard position > start else { throw fault("a digit is missing here") }
    }

    private mutating func readString() throws(JSONError) -> String {
        let start = position
        position += 1
        var text: [UInt8] = []
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw fault("the text that starts here is not UTF-8", at: start)
                }
                return string
            case UInt8(ascii: "\\"): text.append(contentsOf: String(try readEscape()).utf8)
            case 0..<0x20: throw fault("a control character stands in a text")
            default:
                text.append(byte)
                position += 1
            }
        }
        throw fault("the text that starts here never ends", at: start)
    }

    private mutating func readEscape() throws(JSONError) -> Unicode.Scalar {
        let start = position
        position += 1
        guard let byte = current else { throw fault("the document ends in an escape", at: start) }
        position += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            var value = try readFourHexDigits(start)
            if 0xD800..<0xDC00 ~= value {
                guard skip("\\"), skip("u") else { throw fault("this surrogate has no second half", at: start) }
                let low = try readFourHexDigits(start)
                guard 0xDC00..<0xE000 ~= low else { throw fault("this surrogate has no second half", at: start) }
                value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(value) else {
                throw fault("this surrogate has no first half", at: start)
            }
            return scalar
        default: throw fault("there is no such escape", at: start)
        }
    }

    /// The next four digits, of the escape that starts at `start`.
    private mutating func readFourHexDigits(_ start: Int) throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw fault("four hexadecimal digits are missing here", at: start)
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
