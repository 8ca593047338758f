public import CTRModels

/// A trained cloud model and how it came about.
public struct CloudModel: Sendable {
    /// The weights of the best pass.
    public var model: CTRModel
    /// What each pass gave, in order; never empty.
    public var epochs: [Epoch]
    /// Index in `epochs` of the pass whose weights were kept.
    public var best: Int
    /// Number of samples in a pass.
    public var trainSamples: Int

    /// One pass over the train samples.
    public struct Epoch: Sendable, Hashable {
        /// Mean cross-entropy over the pass, each batch before its step.
        public var loss: Double
        /// Impression-weighted mean of users' AUC on validation after the pass; nil if no user has both classes there.
        public var validationGAUC: Double?
    }
}
