/// Writes values as text, piece by piece.
struct JSONWriter {
    var text = ""

    /// A value on one line.
    mutating func writeLine(_ value: JSONValue, comma: String, colon: String) {
        switch value {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value): text += value.isFinite ? "\(value)" : "null"
        case .string(let value): text += Self.quoted(value)
        case .array(let values):
            text += "["
            for (index, value) in values.enumerated() {
                if index > 0 { text += comma }
                writeLine(value, comma: comma, colon: colon)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { text += comma }
                text += Self.quoted(member.key) + colon
                writeLine(member.value, comma: comma, colon: colon)
            }
            text += "}"
        }
    }

    /// A value on as many lines as its shape asks for; all but the first start with `margin`.
    mutating func writeIndented(_ value: JSONValue, margin: String = "") {
        switch value {
        case .object(let members) where !value.isFlat:
            writeLines(members, "{", "}", margin: margin) { writer, member, margin in
                writer.text += Self.quoted(member.key) + ": "
                writer.writeIndented(member.value, margin: margin)
            }
        case .array(let values) where !value.isFlat:
            writeLines(values, "[", "]", margin: margin) { $0.writeIndented($1, margin: $2) }
        default: writeLine(value, comma: ", ", colon: ": ")
        }
    }

    private mutating func writeLines<Part>(
        _ parts: [Part], _ open: String, _ close: String, margin: String,
        write: (inout JSONWriter, Part, String) -> Void
    ) {
        let inner = margin + "  "
        text += open
        for (index, part) in parts.enumerated() {
            text += (index == 0 ? "\n" : ",\n") + inner
            write(&self, part, inner)
        }
        text += "\n" + margin + close
    }

    /// A text in quotes: escaped is what JSON demands, and nothing else.
    static func quoted(_ string: String) -> String {
        var text = "\""
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
        return text + "\""
    }
}

extension JSONValue {
    /// Whether the value stands on one line of the indented layout. Empty arrays and objects do.
    fileprivate var isFlat: Bool {
        switch self {
        case .array(let values): values.allSatisfy(\.isScalar)
        case .object(let members): members.allSatisfy { !$0.value.isObject && $0.value.isFlat }
        default: true
        }
    }

    private var isScalar: Bool {
        if case .array = self { false } else { !isObject }
    }

    private var isObject: Bool {
        if case .object = self { true } else { false }
    }
}
