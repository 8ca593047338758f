public import FineTuning
public import LabelCorrection

/// How the stage `finetune` tunes and scores every user.
public struct FineTuningSettings: Sendable, Hashable {
    /// What to do with users whose train labels are all alike.
    public enum SingleClass: String, Sendable, Hashable, CaseIterable {
        /// Leave them with the cloud model: their labels carry no ranking.
        case skip
        /// Tune them as any other.
        case tune
    }

    /// The arms to score, in column order; never empty, none twice.
    public var arms = Arm.allCases
    /// Each user's passes, batches and optimiser.
    public var schedule = LocalSchedule()
    /// How train parts are corrected for the corrected arms.
    public var correction = Correction()
    /// What to do with users whose train labels are all alike.
    public var singleClass = SingleClass.skip
    /// How a user's own level is estimated for the arms that restore it.
    public var restoration = PriorRestoration()
    /// Weight of the global CTR in an item's smoothed CTR, in samples; above 0.
    public var itemMeanStrength = 10.0

    /// The defaults above.
    public init() {}
}
