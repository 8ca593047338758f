/// A JSON document (RFC 8259) whose objects keep the order of their keys.
///
/// Own code rather than Foundation's coders, because a device links this module without Foundation, and because those lose the
/// order of keys: `metrics.json` lists arms in the order of the stream, read back or not, and equal documents must give equal
/// bytes on every platform.
///
/// Equal documents are those written alike: `1` and `1.0` differ, and so do objects whose members stand in another order.
public enum JSONValue: Sendable, Hashable {
    /// Null.
    case null
    /// True or false.
    case bool(Bool)
    /// A number without fraction and exponent, exact. Every integer type up to 64 bits fits.
    case integer(Int128)
    /// Any other number. What is not finite is written as null: JSON has no word for it.
    case number(Double)
    /// A text.
    case string(String)
    /// Values in order.
    case array([JSONValue])
    /// Members in order; no two have the same key.
    case object([Member])

    /// A key of an object and what stands under it.
    public struct Member: Sendable, Hashable {
        /// The key.
        public var key: String
        /// The value.
        public var value: JSONValue

        /// A member.
        public init(_ key: String, _ value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// How a document is laid out as text. Both are a function of the document alone.
    public enum Layout: Sendable, Hashable {
        /// One line without spaces and without a line feed at its end.
        case oneLine
        /// Lines for people, the last one with its line feed. An object stands on one line if it holds nothing but numbers,
        /// texts and lists of these; otherwise each of its members has a line of its own, indented by two spaces, and so with
        /// arrays.
        case indented
    }

    /// Reads one document.
    ///
    /// - Throws: `.syntax` with the byte offset for what RFC 8259 refuses, and also for a key that stands twice in an object,
    ///   nesting deeper than 64 levels, a number out of a double's range, and anything but white space after the document.
    public init(_ text: String) throws(JSONError) {
        try self.init(utf8: Array(text.utf8)[...])
    }

    /// Reads one document from bytes that need not be valid UTF-8; offsets in errors count from the first of them. Values take
    /// up to 50 times as much memory as their bytes: bound those.
    ///
    /// - Throws: As ``init(_:)``, and `.syntax` for a text that is not UTF-8.
    public init(utf8 bytes: ArraySlice<UInt8>) throws(JSONError) {
        var reader = JSONReader(bytes)
        self = try reader.readDocument()
    }

    /// The document as text. Numbers have the shortest digits that give them back.
    public func text(_ layout: Layout) -> String {
        var writer = JSONWriter()
        switch layout {
        case .oneLine: writer.writeLine(self, comma: ",", colon: ":")
        case .indented:
            writer.writeIndented(self)
            writer.text += "\n"
        }
        return writer.text
    }
}

extension JSONValue {
    /// An integer.
    public static func integer(_ value: Int) -> JSONValue { .integer(Int128(value)) }

    /// An integer.
    public static func integer(_ value: UInt64) -> JSONValue { .integer(Int128(value)) }

    /// A number, or null for one that is missing.
    public static func number(_ value: Double?) -> JSONValue {
        guard let value else { return .null }
        return .number(value)
    }

    /// Members with keys in the order given.
    public static func object(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
        .object(members.map { Member($0.key, $0.value) })
    }
}
