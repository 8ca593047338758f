/// The share of positive labels in all users' train parts together: the one number a device needs to correct its labels.
///
/// Always inside (0, 1); with 0 or 1 there is nothing to align to.
public struct GlobalCTR: Sendable, Hashable {
    /// The share, above 0 and below 1.
    public let value: Double

    /// A share; throws unless it lies inside (0, 1).
    public init(_ value: Double) throws(LabelCorrectionError) {
        guard value > 0 && value < 1 else {
            throw LabelCorrectionError(.globalCTROutOfRange, "the global CTR must lie above 0 and below 1, is \(value)")
        }
        self.value = value
    }

    /// How far a local CTR lies from this one: `q - p`, in -1...1.
    public func drift(of localCTR: Double) -> Double { localCTR - value }
}
