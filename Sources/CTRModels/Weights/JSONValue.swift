/// A JSON document (RFC 8259), for architectures and safetensors headers; Foundation's reader is not to be had on a device.
///
/// Members keep their order. Numbers without fraction and exponent that fit an `Int` are integers.
enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([Member])

    /// One name and value of an object.
    struct Member: Sendable, Hashable {
        var name: String
        var value: JSONValue

        init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// Reads one document; anything after it but white space is an error.
    init(_ text: String) throws(ModelError) {
        try self.init(utf8: Array(text.utf8)[...])
    }

    /// Reads one document from bytes that need not be valid UTF-8.
    init(utf8 bytes: ArraySlice<UInt8>) throws(ModelError) {
        var reader = JSONReader(bytes)
        self = try reader.readDocument()
    }

    /// Compact text, the same for equal values. Numbers that are not finite become null.
    var text: String {
        var result = ""
        write(to: &result)
        return result
    }

    private func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value): text += value.isFinite ? "\(value)" : "null"
        case .string(let value): Self.write(value, to: &text)
        case .array(let values):
            text += "["
            for (index, value) in values.enumerated() {
                if index > 0 { text += "," }
                value.write(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { text += "," }
                Self.write(member.name, to: &text)
                text += ":"
                member.value.write(to: &text)
            }
            text += "}"
        }
    }

    private static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\u{0}"..<" ":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}

// Reading what a document must hold; `what` names it in errors.
extension JSONValue {
    /// The values of exactly these members, in this order.
    func members(of what: String, _ names: [String]) throws(ModelError) -> [JSONValue] {
        let members = try object(what)
        for member in members where !names.contains(member.name) {
            throw ModelError(.file, "\(what) has an unknown key '\(member.name)'")
        }
        var values: [JSONValue] = []
        for name in names {
            guard let member = members.first(where: { $0.name == name }) else {
                throw ModelError(.file, "\(what) lacks the key '\(name)'")
            }
            values.append(member.value)
        }
        return values
    }

    func object(_ what: String) throws(ModelError) -> [Member] {
        guard case .object(let members) = self else { throw ModelError(.file, "\(what) must be a JSON object") }
        return members
    }

    func array(_ what: String) throws(ModelError) -> [JSONValue] {
        guard case .array(let values) = self else { throw ModelError(.file, "'\(what)' must be a JSON array") }
        return values
    }

    func string(_ what: String) throws(ModelError) -> String {
        guard case .string(let value) = self else { throw ModelError(.file, "'\(what)' must be a string") }
        return value
    }

    func integer(_ what: String) throws(ModelError) -> Int {
        guard case .integer(let value) = self else { throw ModelError(.file, "'\(what)' must be a whole number") }
        return value
    }
}
