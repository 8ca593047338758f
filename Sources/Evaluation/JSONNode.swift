import Samples

/// A value of a JSON document together with its place in it, so that what has the wrong shape can be named.
struct JSONNode {
    private let value: JSONValue
    private let file: String
    /// `arms.cloud.auc`; empty for the document itself.
    private let path: String

    /// A whole document.
    init(document bytes: [UInt8], file: String) throws(StageError) {
        var parser = JSONParser(bytes, file: file)
        self.init(value: try parser.parse(), file: file, path: "")
    }

    private init(value: JSONValue, file: String, path: String) {
        self.value = value
        self.file = file
        self.path = path
    }

    /// The value under `key` of an object.
    func member(_ key: String) throws(StageError) -> JSONNode {
        for member in try members() where member.key == key { return member.node }
        throw StageError(.data, "\"\(join(key))\" is missing", at: SourcePosition(file: file))
    }

    /// All members of an object, in the document's order.
    func members() throws(StageError) -> [(key: String, node: JSONNode)] {
        guard case .object(let members) = value else { throw mismatch("an object") }
        return members.map { ($0.key, JSONNode(value: $0.value, file: file, path: join($0.key))) }
    }

    /// The elements of an array.
    func elements() throws(StageError) -> [JSONNode] {
        guard case .array(let values) = value else { throw mismatch("a list") }
        return values.enumerated().map { JSONNode(value: $1, file: file, path: "\(path)[\($0)]") }
    }

    /// A text.
    func string() throws(StageError) -> String {
        guard case .string(let text) = value else { throw mismatch("a text") }
        return text
    }

    /// An integer of the type that is asked for.
    func integer<Integer: FixedWidthInteger>() throws(StageError) -> Integer {
        guard case .number(let digits) = value, let number = Integer(digits) else {
            throw mismatch("an integer from \(Integer.min) to \(Integer.max)")
        }
        return number
    }

    /// A count: an integer of 0 or more.
    func count() throws(StageError) -> Int {
        let number: Int = try integer()
        guard number >= 0 else { throw mismatch("0 or more") }
        return number
    }

    /// A number in the range of a double.
    func double() throws(StageError) -> Double {
        guard let number = try optionalDouble() else { throw mismatch("a number") }
        return number
    }

    /// A number in the range of a double, or nil for null.
    func optionalDouble() throws(StageError) -> Double? {
        if case .null = value { return nil }
        guard case .number(let digits) = value, let number = Double(digits), number.isFinite else {
            throw mismatch("a number or null")
        }
        return number
    }

    /// That this value is not `expected`.
    func mismatch(_ expected: String) -> StageError {
        let name = path.isEmpty ? "the document" : "\"\(path)\""
        return StageError(.data, "\(name) must be \(expected)", at: SourcePosition(file: file))
    }

    private func join(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}
