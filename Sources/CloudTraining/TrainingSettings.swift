public import CTRModels

/// How the cloud model is trained on all users' train parts.
public struct TrainingSettings: Sendable, Hashable {
    /// Which model.
    public var model = Architecture.Kind.deepfm
    /// The features that the model sees, by name; nil for all of the store.
    public var features: [String]?
    /// Numbers an embedding has.
    public var embeddingDimension = 16
    /// Units of each hidden layer, from the input on; models without hidden layers ignore it.
    public var hiddenSizes = [64, 32]
    /// The optimiser and its learning rate.
    public var optimizer = Optimizer.Method.adam(learningRate: 0.001)
    /// Samples a step, 1 or more.
    public var batchSize = 512
    /// The most passes over the samples, 1 or more.
    public var epochs = 20
    /// Passes without a better validation GAUC after which training ends, 1 or more; the best pass's weights are kept.
    public var patience = 3

    /// The defaults above.
    public init() {}
}
