/// Why one user could not be tuned, or tuned weights not be read. The cloud model then goes on scoring that user.
public struct FineTuningError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it is. A struct, so that cases can be added.
    public struct Code: Sendable, Hashable {
        enum Value: Sendable, Hashable { case diverged, otherModel, damagedOverlay }

        let value: Value

        /// A loss or a weight is no longer finite.
        public static let diverged = Code(value: .diverged)
        /// An overlay was made for another cloud model: tune anew.
        public static let otherModel = Code(value: .otherModel)
        /// Bytes are not those of an overlay, or no longer.
        public static let damagedOverlay = Code(value: .damagedOverlay)
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
