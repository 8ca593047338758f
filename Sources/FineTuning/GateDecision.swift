/// Whether one user's tuned weights are kept, and why.
public struct GateDecision: Sendable, Hashable {
    /// Why a gate decides as it does; the raw value is for people and files.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        /// The loss on validation is smaller with tuned weights.
        case better
        /// The losses differ by less than `Gate.tolerance`.
        case notWorse = "not worse"
        /// The loss is greater with tuned weights.
        case worse
        /// There are fewer than `Gate.fewestSamples` validation samples.
        case fewValidationSamples = "few validation samples"
        /// The validation samples' labels are all alike.
        case oneClass = "one class in validation"
        /// There are no tuned weights.
        case notTuned = "not tuned"
        /// Tuning made a number that is not finite.
        case diverged
    }

    /// Log losses on validation, in nats, each after the model's intercept.
    public struct Losses: Sendable, Hashable {
        /// The cloud model's.
        public var cloud: Double
        /// With tuned weights.
        public var tuned: Double

        /// Losses.
        public init(cloud: Double, tuned: Double) {
            self.cloud = cloud
            self.tuned = tuned
        }
    }

    /// Whether tuned weights score the user.
    public var keeps: Bool
    /// Why.
    public var reason: Reason
    /// What was compared; nil where nothing was.
    public var losses: Losses?

    /// A decision.
    public init(keeps: Bool, reason: Reason, losses: Losses? = nil) {
        self.keeps = keeps
        self.reason = reason
        self.losses = losses
    }
}
