/// What the loss of a sample is weighed by, for each label.
public struct ClassWeights: Sendable, Hashable {
    /// The weight of a positive sample, above 0 and finite.
    public var positive: Double
    /// The weight of a negative sample, above 0 and finite.
    public var negative: Double

    /// Weights, both above 0 and finite.
    public init(positive: Double, negative: Double) {
        precondition(positive > 0 && negative > 0 && positive.isFinite && negative.isFinite)
        self.positive = positive
        self.negative = negative
    }
}
