public import CTRModels

/// How one user's model is tuned: passes over the user's train samples in small shuffled batches.
public struct LocalSchedule: Sendable, Hashable {
    /// The optimiser and its learning rate; its state starts anew with each user.
    public var optimizer: Optimizer.Method
    /// Passes over the samples, 1 or more.
    public var epochs: Int
    /// Samples a step, 1 or more; the last step of a pass may have fewer.
    public var batchSize: Int
    /// What moves; all else stays the cloud's.
    public var tuned: ParameterPart
    /// Strength λ of the pull towards the cloud's weights, 0 or more: λ / 2 · ‖w − w_cloud‖² is added to the loss of each step,
    /// over the dense weights and the rows that the step's samples touch.
    public var pull: Double

    /// A schedule; the default is one pass of SGD at 0.1 with 32 samples a step, over everything, without a pull.
    public init(
        optimizer: Optimizer.Method = .sgd(learningRate: 0.1), epochs: Int = 1, batchSize: Int = 32,
        tuned: ParameterPart = .all, pull: Double = 0
    ) {
        precondition(epochs > 0 && batchSize > 0 && pull >= 0)
        self.optimizer = optimizer
        self.epochs = epochs
        self.batchSize = batchSize
        self.tuned = tuned
        self.pull = pull
    }
}
