/// Gives a user's own level back to a model that was trained on labels of another mean, by one number added to the logit.
///
/// It cannot change the order within a user, so GAUC stays as it is; pooled AUC, log loss and calibration see it.
/// Pointless where the user id is a feature, as the model then knows the level already.
public struct PriorRestoration: Sendable, Hashable {
    /// How the number is found.
    public enum Rule: String, Sendable, Hashable, CaseIterable {
        /// `logit q̂ - logit(mean label trained on)`: from counts alone.
        case offset
        /// The number with which the model's predictions for the user's train part have the mean `q̂`.
        case match
    }

    /// Weight of the global CTR in the estimate of the local one, in samples.
    public var strength: Double
    /// How the number is found.
    public var rule: Rule

    /// Restoration with `q` shrunk towards the global CTR as by `strength` samples more; above 0.
    public init(strength: Double = 10, rule: Rule = .offset) {
        precondition(strength > 0 && strength.isFinite)
        self.strength = strength
        self.rule = rule
    }

    /// The user's local CTR shrunk towards the global one: `q̂ = (k + m·p) / (n + m)`, inside (0, 1). Where the strength is so small
    /// beside the samples that a double would be 0 or 1, the nearest one that is not.
    public func localCTR(_ train: ClickCounts, globalCTR: GlobalCTR) -> Double {
        let share = (Double(train.positives) + strength * globalCTR.value) / (Double(train.samples) + strength)
        return min(max(share, .leastNormalMagnitude), 1 - .ulpOfOne / 2)
    }

    /// What to add to the logit by the rule `offset`: `logit q̂ - logit(meanLabel)`. 0 for a user without train samples whose
    /// model was trained on labels with the global CTR as mean.
    ///
    /// - Parameter meanLabel: mean of the labels that the model was trained on, inside (0, 1): `Correction.trainedCTR`, or the
    ///   global CTR for the cloud model.
    public func offset(_ train: ClickCounts, globalCTR: GlobalCTR, meanLabel: Double) -> Double {
        logit(localCTR(train, globalCTR: globalCTR)) - logit(meanLabel)
    }

    /// What to add to the logit by `rule`. Without train samples `match` has nothing to match and is `offset`.
    ///
    /// - Parameters:
    ///   - meanLabel: as in `offset`.
    ///   - trainLogits: the model's logits of the user's train samples, finite, in any order; `offset` does not look at them.
    public func shift(
        _ train: ClickCounts, globalCTR: GlobalCTR, meanLabel: Double, trainLogits: Span<Double>
    ) -> Double {
        switch rule {
        case .match where !trainLogits.isEmpty:
            Self.intercept(of: trainLogits, matching: localCTR(train, globalCTR: globalCTR))
        case .offset, .match: offset(train, globalCTR: globalCTR, meanLabel: meanLabel)
        }
    }
}
