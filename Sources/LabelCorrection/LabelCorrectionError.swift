/// Why labels cannot be corrected.
public struct LabelCorrectionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it is. A struct, so that cases can be added.
    public struct Code: Sendable, Hashable {
        enum Value: Sendable, Hashable { case globalCTROutOfRange }

        let value: Value

        /// The global CTR is 0, 1, outside them or not a number.
        public static let globalCTROutOfRange = Code(value: .globalCTROutOfRange)
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
