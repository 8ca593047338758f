/// What one user's model learns from: a number a sample, and what a correction changes besides.
public struct LocalTargets: Sendable, Hashable {
    /// A label a sample of the user's, in their order; raw or corrected, any real number. Only those of the samples that are
    /// learnt from are looked at.
    public var labels: [Float]
    /// A factor a sample on its loss; nil: all 1.
    public var weights: [Float]?
    /// Added to the logit while training, and not when scoring.
    public var logitOffset: Float

    /// Targets.
    public init(labels: [Float], weights: [Float]? = nil, logitOffset: Float = 0) {
        self.labels = labels
        self.weights = weights
        self.logitOffset = logitOffset
    }
}
