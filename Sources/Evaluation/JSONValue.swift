/// A JSON document whose objects keep the order of their keys and whose numbers keep their digits.
///
/// Foundation's coders lose both: `metrics.json` lists arms in the order of the stream, read back or not, and a seed may need
/// all 64 bits.
indirect enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    /// A number as it is written, by JSON's grammar.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Member])

    struct Member: Sendable, Hashable {
        var key: String
        var value: JSONValue
    }

    /// Members with keys in the order given.
    static func object(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
        .object(members.map { Member(key: $0.key, value: $0.value) })
    }

    /// The shortest digits that give the number back; null for one that is missing or not finite, which JSON cannot hold.
    static func number(_ value: Double?) -> JSONValue {
        guard let value, value.isFinite else { return .null }
        return .number("\(value)")
    }

    /// An integer.
    static func number(_ value: some FixedWidthInteger) -> JSONValue {
        .number("\(value)")
    }
}

extension JSONValue {
    /// The document as UTF-8 with a final line feed. An object stands on one line if it holds nothing but numbers, texts and
    /// lists of these; otherwise each of its members has a line of its own, indented by two spaces, and so with arrays. Equal
    /// documents give equal bytes, and other numbers the same lines.
    func bytes() -> [UInt8] {
        var text = ""
        write(to: &text, indent: 0)
        text += "\n"
        return Array(text.utf8)
    }

    private func write(to text: inout String, indent: Int) {
        let (open, close): (String, String)
        let parts: [(prefix: String, value: JSONValue)]
        switch self {
        case .object(let members) where !isFlat:
            (open, close) = ("{", "}")
            parts = members.map { ("\(Self.quoted($0.key)): ", $0.value) }
        case .array(let values) where !isFlat:
            (open, close) = ("[", "]")
            parts = values.map { ("", $0) }
        default:
            text += compact
            return
        }
        text += open
        for (index, part) in parts.enumerated() {
            text += (index == 0 ? "\n" : ",\n") + String(repeating: " ", count: indent + 2) + part.prefix
            part.value.write(to: &text, indent: indent + 2)
        }
        text += "\n" + String(repeating: " ", count: indent) + close
    }

    private var isScalar: Bool {
        switch self {
        case .array, .object: false
        default: true
        }
    }

    /// Whether the value stands on one line.
    private var isFlat: Bool {
        switch self {
        case .array(let values): values.allSatisfy(\.isScalar)
        case .object(let members):
            members.allSatisfy { member in
                if case .object = member.value { false } else { member.value.isFlat }
            }
        default: true
        }
    }

    private var compact: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let digits): digits
        case .string(let value): Self.quoted(value)
        case .array(let values): "[" + values.map(\.compact).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + members.map { "\(Self.quoted($0.key)): \($0.value.compact)" }.joined(separator: ", ") + "}"
        }
    }

    private static func quoted(_ value: String) -> String {
        var text = "\""
        for scalar in value.unicodeScalars {
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
