public import CTRModels

/// How the cloud model is trained on all users' train parts. Everything here but `memoryBytes` and `threads` decides
/// what the model comes to; these two decide nothing.
public struct TrainingSettings: Sendable, Hashable {
    /// What tells whether a pass has made the model better on validation.
    public enum Criterion: String, Sendable, Hashable, CaseIterable {
        /// Impression-weighted mean of users' AUC; more is better.
        case gauc
        /// AUC over all samples; more is better. Holds 8 bytes a validation sample.
        case auc
        /// Mean cross-entropy; less is better.
        case loss
    }

    /// Which model.
    public var model = Architecture.Kind.deepfm
    /// The features that the model sees, by name; nil for all of the store. A user's id is a feature like any other, if
    /// the samples have it: leaving it out here is the switch.
    public var features: [String]?
    /// Numbers an embedding has; models without embeddings ignore it.
    public var embeddingDimension = 16
    /// Units of each hidden layer, from the input on; models without hidden layers ignore it, `activation` and
    /// `dropout`.
    public var hiddenSizes = [64, 32]
    /// The function after each hidden layer; nil for what the model's paper has: `dice` in DIN and DIEN, `relu` in
    /// others.
    public var activation: Architecture.Activation?
    /// Share of each hidden layer's outputs that a training step leaves out, at least 0 and below 1.
    public var dropout = 0.0
    /// Layers of DCN v2's cross network, 1 or more; other models ignore it.
    public var crossLayers = 3
    /// Units of each hidden layer of DIN's attention network; other models ignore it.
    public var attentionSizes = [80, 40]
    /// What becomes of the embeddings of a multivalued feature's ids.
    public var pooling = Architecture.Field.Pooling.mean
    /// The optimiser and its learning rate.
    public var optimizer = Optimizer.Method.adam(learningRate: 0.001)
    /// What becomes of the learning rate from step to step; a decay is spread over `epochs` passes.
    public var schedule = LearningRateSchedule()
    /// λ: λ·p is added to the gradient of each parameter p that a step moves, 0 or more.
    public var weightDecay = 0.0
    /// Samples a step, 1 or more.
    public var batchSize = 512
    /// The most passes over the samples, 1 or more.
    public var epochs = 20
    /// What tells whether a pass was better.
    public var earlyStopping = Criterion.gauc
    /// Passes without a better validation figure after which training ends, 1 or more; the best pass's weights are
    /// kept.
    public var patience = 3
    /// Bytes of samples that may lie in memory; more lie in a temporary file beside the model.
    public var memoryBytes = 16 << 20
    /// Threads that work at once, 1 or more.
    public var threads = 1

    /// The defaults above.
    public init() {}

    /// What `activation` comes to.
    public var chosenActivation: Architecture.Activation {
        activation ?? (model.uses.contains(.history) ? .dice : .relu)
    }
}
