/// A recursive-descent reader of JSON over hostile bytes: bounded depth, no number or escape that overflows, every index
/// checked. Errors name the byte offset.
struct JSONReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int
    private var depth = 0

    // Our documents are four levels deep.
    private static let depthLimit = 32

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    mutating func readDocument() throws(ModelError) -> JSONValue {
        let value = try readValue()
        skipWhiteSpace()
        guard position == bytes.endIndex else { throw failure("text after the end of the JSON document") }
        return value
    }

    private func failure(_ message: String) -> ModelError {
        ModelError(.file, "\(message) (byte \(position - bytes.startIndex) of the JSON)")
    }

    private var current: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

    private mutating func skipWhiteSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    /// Steps over `character` if it is next.
    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func readValue() throws(ModelError) -> JSONValue {
        guard depth < Self.depthLimit else { throw failure("JSON nested deeper than \(Self.depthLimit) levels") }
        depth += 1
        defer { depth -= 1 }
        skipWhiteSpace()
        switch current {
        case UInt8(ascii: "{"): return try readObject()
        case UInt8(ascii: "["): return try readArray()
        case UInt8(ascii: "\""): return .string(try readString())
        case UInt8(ascii: "t"): return try readWord("true", .bool(true))
        case UInt8(ascii: "f"): return try readWord("false", .bool(false))
        case UInt8(ascii: "n"): return try readWord("null", .null)
        case nil: throw failure("JSON ends too early")
        default: return try readNumber()
        }
    }

    private mutating func readWord(_ word: String, _ value: JSONValue) throws(ModelError) -> JSONValue {
        for byte in word.utf8 {
            guard current == byte else { throw failure("not a JSON value") }
            position += 1
        }
        return value
    }

    private mutating func readObject() throws(ModelError) -> JSONValue {
        position += 1
        var members: [JSONValue.Member] = []
        var names = Set<String>()
        skipWhiteSpace()
        if skip("}") { return .object(members) }
        while true {
            skipWhiteSpace()
            guard current == UInt8(ascii: "\"") else { throw failure("a key must be a string") }
            let name = try readString()
            guard names.insert(name).inserted else { throw failure("key '\(name)' stands twice") }
            skipWhiteSpace()
            guard skip(":") else { throw failure("':' must follow a key") }
            members.append(JSONValue.Member(name, try readValue()))
            skipWhiteSpace()
            if skip("}") { return .object(members) }
            guard skip(",") else { throw failure("',' or '}' must follow a member") }
        }
    }

    private mutating func readArray() throws(ModelError) -> JSONValue {
        position += 1
        var values: [JSONValue] = []
        skipWhiteSpace()
        if skip("]") { return .array(values) }
        while true {
            values.append(try readValue())
            skipWhiteSpace()
            if skip("]") { return .array(values) }
            guard skip(",") else { throw failure("',' or ']' must follow an element") }
        }
    }

    private mutating func readNumber() throws(ModelError) -> JSONValue {
        let start = position
        _ = skip("-")
        let firstDigit = position
        let digits = skipDigits()
        guard digits > 0, digits == 1 || bytes[firstDigit] != UInt8(ascii: "0") else {
            throw failure("not a JSON value")
        }
        var isWhole = true
        if skip(".") {
            isWhole = false
            guard skipDigits() > 0 else { throw failure("a digit must follow the decimal point") }
        }
        if skip("e") || skip("E") {
            isWhole = false
            if !skip("+") { _ = skip("-") }
            guard skipDigits() > 0 else { throw failure("a digit must follow the exponent") }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let value = Int(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else { throw failure("a number out of range") }
        return .number(value)
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while let byte = current, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte { position += 1 }
        return position - start
    }

    private mutating func readString() throws(ModelError) -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw failure("a string that is not UTF-8")
                }
                return string
            case UInt8(ascii: "\\"):
                position += 1
                let scalar = try readEscape()
                text.append(contentsOf: String(Character(scalar)).utf8)
            case 0..<0x20: throw failure("a control character in a string")
            default:
                text.append(byte)
                position += 1
            }
        }
        throw failure("a string without end")
    }

    private mutating func readEscape() throws(ModelError) -> Unicode.Scalar {
        guard let byte = current else { throw failure("a string without end") }
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
            var value = try readFourHexDigits()
            if 0xD800..<0xDC00 ~= value {
                guard skip("\\"), skip("u") else { throw failure("half a surrogate pair") }
                let low = try readFourHexDigits()
                guard 0xDC00..<0xE000 ~= low else { throw failure("half a surrogate pair") }
                value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(value) else { throw failure("half a surrogate pair") }
            return scalar
        default: throw failure("an unknown escape in a string")
        }
    }

    private mutating func readFourHexDigits() throws(ModelError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw failure("four hexadecimal digits must follow \\u")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
