/// One pass over the train samples and what validation made of it.
public struct TrainingEpoch: Sendable, Hashable {
    /// Mean cross-entropy over the pass, each batch before its step.
    public var loss: Double
    /// Mean cross-entropy on validation after the pass; nil if there are no samples there.
    public var validationLoss: Double?
    /// Impression-weighted mean of users' AUC on validation after the pass; nil if no user has both classes there.
    public var validationGAUC: Double?
    /// AUC over all validation samples after the pass; nil if they are not of both classes, and where it was not asked
    /// for and they are more than a million.
    public var validationAUC: Double?

    /// What was seen of a pass.
    public init(
        loss: Double, validationLoss: Double? = nil, validationGAUC: Double? = nil, validationAUC: Double? = nil
    ) {
        self.loss = loss
        self.validationLoss = validationLoss
        self.validationGAUC = validationGAUC
        self.validationAUC = validationAUC
    }

    /// What tells how good the pass was: more is better; nil if it cannot be told.
    func merit(by criterion: TrainingSettings.Criterion) -> Double? {
        switch criterion {
        case .gauc: validationGAUC
        case .auc: validationAUC
        case .loss: validationLoss.map { -$0 }
        }
    }
}

extension [TrainingEpoch] {
    /// The index of the pass whose weights are kept: the first of the best ones; where the last cannot be told, the
    /// last.
    func best(by criterion: TrainingSettings.Criterion) -> Int {
        var best = 0
        for index in indices {
            // Without a figure there is nothing to choose by.
            guard let merit = self[index].merit(by: criterion), let other = self[best].merit(by: criterion) else {
                best = index
                continue
            }
            if merit > other { best = index }
        }
        return best
    }

    /// Whether no further pass is to be made.
    func isFinal(_ settings: TrainingSettings) -> Bool {
        if count >= settings.epochs { return true }
        return !isEmpty && count - 1 - best(by: settings.earlyStopping) >= settings.patience
    }
}
