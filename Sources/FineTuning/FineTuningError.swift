/// Why one user could not be tuned. The cloud model then goes on scoring that user.
public struct FineTuningError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it is. A struct, so that cases can be added.
    public struct Code: Sendable, Hashable {
        enum Value: Sendable, Hashable { case diverged }

        let value: Value

        /// A loss or a weight is no longer finite.
        public static let diverged = Code(value: .diverged)
    }

    /// What kind of failure it is.
    public let code: Code
    /// What happened, for a person.
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
