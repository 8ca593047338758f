/// Gives a user's own level back to a model that was trained on labels of another mean, by one number added to the logit.
///
/// It cannot change the order within a user, so GAUC stays as it is; pooled AUC, log loss and calibration see it.
/// Pointless where the user id is a feature, as the model then knows the level already.
public struct PriorRestoration: Sendable, Hashable {
    /// Weight of the global CTR in the estimate of the local one, in samples.
    public var strength: Double

    /// Restoration with `q` shrunk towards the global CTR as by `strength` samples more; above 0.
    public init(strength: Double = 10) {
        precondition(strength > 0)
        self.strength = strength
    }

    /// The user's local CTR shrunk towards the global one: `(k + m·p) / (n + m)`, inside (0, 1).
    public func localCTR(_ train: ClickCounts, globalCTR: GlobalCTR) -> Double {
        (Double(train.positives) + strength * globalCTR.value) / (Double(train.samples) + strength)
    }

    /// What to add to the logit: `logit q̂ - logit(meanLabel)`. 0 for a user without train samples whose model was trained
    /// on labels with the global CTR as mean.
    ///
    /// - Parameter meanLabel: mean of the labels that the model was trained on, inside (0, 1).
    public func offset(_ train: ClickCounts, globalCTR: GlobalCTR, meanLabel: Double) -> Double {
        logit(localCTR(train, globalCTR: globalCTR)) - logit(meanLabel)
    }
}
