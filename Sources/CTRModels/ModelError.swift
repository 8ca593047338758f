/// Why a model could not be described, read or built: an opaque code and a message. The one failure type of this
/// module.
public struct ModelError: Error, Sendable, Hashable {
    /// What kind of failure it is. A struct, so that cases can be added.
    public struct Code: Sendable, Hashable {
        enum Value: Sendable, Hashable { case architecture, file, tensor }

        let value: Value

        /// The architecture makes no sense: unknown kind, repeated field name, a size out of range.
        public static let architecture = Code(value: .architecture)
        /// The bytes are not a file of the expected format: truncated, overlapping, not JSON.
        public static let file = Code(value: .file)
        /// A tensor is missing, unexpected, of the wrong shape or type, or holds a number that is not finite.
        public static let tensor = Code(value: .tensor)
    }

    /// What kind of failure it is.
    public let code: Code
    /// What happened, naming the tensor or setting; without a final full stop.
    public let message: String

    /// An error of `code`.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension ModelError: CustomStringConvertible {
    /// `error: message`.
    public var description: String { "error: \(message)" }
}
