public import LabelCorrection

/// Decides for one user whether tuned weights are kept: only if they rank the user's validation samples no worse than the cloud
/// model.
///
/// Plain log loss would reward a model for having learnt the user's level, which prior restoration gives to any model, and keep
/// weights that rank worse. So each model first gets the one intercept with which its predictions for the user's train part have
/// the user's (shrunk) train CTR as mean; then log losses on validation, by raw labels, are compared. Test samples are no part
/// of it.
public struct Gate: Sendable, Hashable {
    /// What happens where validation cannot tell.
    public enum Default: String, Sendable, Hashable, CaseIterable {
        /// The cloud model goes on scoring the user.
        case cloud
        /// Tuned weights are kept.
        case tuned
    }

    /// The fewest validation samples by which is decided.
    public static let fewestSamples = 10
    /// Losses that differ by less, in nats, are taken for the same: where tuning moved the level alone, intercepts and rounding
    /// leave such a difference.
    public static let tolerance = 1e-6

    /// What happens with fewer validation samples, or where their labels are all alike.
    public var standard: Default
    /// How the user's train CTR is shrunk.
    public var restoration: PriorRestoration

    /// A gate.
    public init(default standard: Default = .cloud, restoration: PriorRestoration = PriorRestoration()) {
        self.standard = standard
        self.restoration = restoration
    }

    /// The decision where validation cannot tell; nil where it can.
    private func undecided(_ labels: some Collection<Float>) -> GateDecision? {
        let counts = ClickCounts(labels: labels)
        if counts.samples < Self.fewestSamples { return fallback(.fewValidationSamples) }
        if counts.isSingleClass { return fallback(.oneClass) }
        return nil
    }

    /// Compares the two models.
    ///
    /// - Parameters:
    ///   - train: the counts of the train samples that were tuned on, of which there is at least one.
    ///   - cloud: the cloud model's logits of these train samples, and of the validation samples.
    ///   - tuned: the tuned model's.
    ///   - labels: the raw labels of the validation samples.
    public func decide(
        _ train: ClickCounts, globalCTR: GlobalCTR, cloud: Logits, tuned: Logits, labels: some Collection<Float>
    ) -> GateDecision {
        if let undecided = undecided(labels) { return undecided }
        let level = restoration.localCTR(train, globalCTR: globalCTR)
        func loss(_ logits: Logits) -> Double {
            let intercept = PriorRestoration.intercept(of: logits.train.map(Double.init), matching: level)
            return LogLoss.mean(logits.validation, shiftedBy: intercept, labels: labels)
        }
        let (before, after) = (loss(cloud), loss(tuned))
        let reason: GateDecision.Reason =
            abs(after - before) < Self.tolerance ? .notWorse : after < before ? .better : .worse
        return GateDecision(keeps: reason != .worse, reason: reason, losses: .init(cloud: before, tuned: after))
    }

    private func fallback(_ reason: GateDecision.Reason) -> GateDecision {
        GateDecision(keeps: standard == .tuned, reason: reason)
    }

    /// One model's logits of one user's samples, all finite.
    public struct Logits: Sendable, Hashable {
        /// Of the train samples that were tuned on.
        public var train: ArraySlice<Float>
        /// Of the validation samples.
        public var validation: ArraySlice<Float>

        /// Logits.
        public init(train: ArraySlice<Float>, validation: ArraySlice<Float>) {
            self.train = train
            self.validation = validation
        }
    }
}
