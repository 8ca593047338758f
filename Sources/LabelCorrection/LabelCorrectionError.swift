/// Why labels cannot be corrected, or counts not be reported.
public struct LabelCorrectionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it is. A struct, so that cases can be added.
    public struct Code: Sendable, Hashable {
        enum Value: Sendable, Hashable { case globalCTROutOfRange, epsilonOutOfRange, clipOutOfRange }

        let value: Value

        /// The global CTR is 0, 1, outside them or not a number.
        public static let globalCTROutOfRange = Code(value: .globalCTROutOfRange)
        /// An epsilon is below one millionth, above 1000, not a number, or has more than six decimals.
        public static let epsilonOutOfRange = Code(value: .epsilonOutOfRange)
        /// A clip is below one sample or above `DevicePrivacy.mostClip`.
        public static let clipOutOfRange = Code(value: .clipOutOfRange)
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
