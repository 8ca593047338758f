/// A value of a document together with its path, so that what has the wrong shape can be named:
/// `arms.cloud.auc must be a number`.
///
/// What a caller does not ask for is not looked at; ``requireKeys(among:)`` is for formats that know all of theirs.
public struct JSONNode: Sendable, Hashable {
    /// The value.
    public let value: JSONValue
    /// `arms.cloud.values[2]`: keys and places from the root on; keys that are not plain words stand in quotes. Empty for a
    /// root without a name.
    public let path: String

    /// The root of a document; `path` is what errors call it, and what their paths start with.
    public init(_ root: JSONValue, path: String = "") {
        value = root
        self.path = path
    }

    /// The value under `key` of an object.
    public func member(_ key: String) throws(JSONError) -> JSONNode {
        guard let member = try object().first(where: { $0.key == key }) else {
            throw JSONError(.shape, "\(join(key)) is missing")
        }
        return JSONNode(member.value, path: join(key))
    }

    /// The value under `key` of an object; nil if there is none or it is null.
    public func optionalMember(_ key: String) throws(JSONError) -> JSONNode? {
        guard let member = try object().first(where: { $0.key == key }), member.value != .null else { return nil }
        return JSONNode(member.value, path: join(key))
    }

    /// All members of an object, in the document's order.
    public func members() throws(JSONError) -> [(key: String, node: JSONNode)] {
        try object().map { ($0.key, JSONNode($0.value, path: join($0.key))) }
    }

    /// That this is an object without keys other than these.
    public func requireKeys(among keys: [String]) throws(JSONError) {
        for member in try object() where !keys.contains(member.key) {
            throw JSONError(.shape, "\(join(member.key)) is not known")
        }
    }

    /// The elements of an array.
    public func elements() throws(JSONError) -> [JSONNode] {
        guard case .array(let values) = value else { throw mismatch("an array") }
        return values.enumerated().map { JSONNode($1, path: "\(path)[\($0)]") }
    }

    /// A text.
    public func string() throws(JSONError) -> String {
        guard case .string(let text) = value else { throw mismatch("a text") }
        return text
    }

    /// A text that is one of an enumeration's.
    public func choice<Choice: RawRepresentable<String> & CaseIterable>() throws(JSONError) -> Choice {
        guard case .string(let text) = value, let choice = Choice(rawValue: text) else {
            throw mismatch("one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    /// An integer of the type that is asked for; `1.0` is none.
    public func integer<Integer: FixedWidthInteger>() throws(JSONError) -> Integer {
        try integer(in: Integer.min...Integer.max)
    }

    /// An integer from one number to another.
    public func integer<Integer: FixedWidthInteger>(
        in range: ClosedRange<Integer>
    ) throws(JSONError) -> Integer {
        guard case .integer(let exact) = value, let number = Integer(exactly: exact), range.contains(number) else {
            throw mismatch("an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// An array of integers of the type that is asked for.
    public func integers<Integer: FixedWidthInteger>() throws(JSONError) -> [Integer] {
        try elements().map { node throws(JSONError) in try node.integer() }
    }

    /// A count: an integer of 0 or more.
    public func count() throws(JSONError) -> Int {
        try integer(in: 0...Int.max)
    }

    /// A finite number; of an integer the nearest double.
    public func double() throws(JSONError) -> Double {
        guard let number = finite else { throw mismatch("a number") }
        return number
    }

    /// A finite number, or nil for null.
    public func optionalDouble() throws(JSONError) -> Double? {
        if case .null = value { return nil }
        guard let number = finite else { throw mismatch("a number or null") }
        return number
    }

    /// The error that this value is not `expected`, for what the document's format asks of it.
    public func mismatch(_ expected: String) -> JSONError {
        JSONError(.shape, "\(path.isEmpty ? "the document" : path) must be \(expected)")
    }

    private func object() throws(JSONError) -> [JSONValue.Member] {
        guard case .object(let members) = value else { throw mismatch("an object") }
        return members
    }

    private var finite: Double? {
        switch value {
        case .integer(let value): Double(value)
        case .number(let value): value.isFinite ? value : nil
        default: nil
        }
    }

    private func join(_ key: String) -> String {
        let name = key.utf8.allSatisfy(Self.isWordByte) && !key.isEmpty ? key : JSONWriter.quoted(key)
        return path.isEmpty ? name : "\(path).\(name)"
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
