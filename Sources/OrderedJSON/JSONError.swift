/// Why bytes are not the JSON document that was expected: an opaque code, a message and a byte offset. The one failure type of
/// this module.
public struct JSONError: Error, Sendable, Hashable {
    /// What kind of failure it is. A struct, so that cases can be added.
    public struct Code: Sendable, Hashable {
        enum Value: Sendable, Hashable { case syntax, shape }

        let value: Value

        /// The bytes are not JSON as this module reads it.
        public static let syntax = Code(value: .syntax)
        /// The document holds something else than was asked for.
        public static let shape = Code(value: .shape)
    }

    /// What kind of failure it is.
    public let code: Code
    /// What is wrong; of a shape, the path of what has it. Without the offset and without a final full stop.
    public let message: String
    /// Where it is wrong, in bytes from the document's start, from 0; nil for a shape.
    public let byteOffset: Int?

    init(_ code: Code, _ message: String, at byteOffset: Int? = nil) {
        self.code = code
        self.message = message
        self.byteOffset = byteOffset
    }
}

extension JSONError: CustomStringConvertible {
    /// `error: message (byte n)`.
    public var description: String {
        "error: \(message)" + (byteOffset.map { " (byte \($0))" } ?? "")
    }
}
