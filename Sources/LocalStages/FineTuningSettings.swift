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
    public var arms = Arm.standard
    /// Each user's passes, batches and optimiser, what moves, and the pull towards the cloud's weights.
    public var schedule = LocalSchedule()
    /// How train parts are corrected for the corrected arms.
    public var correction = Correction()
    /// The most train samples that a user is tuned on, the newest, 1 or more; nil for all. All that a device would know of the
    /// user comes from these: the local CTR that a correction and the restored level go by, whether labels are all alike, the
    /// gate's intercepts.
    public var mostSamples: Int?
    /// The fewest train samples with which a user is tuned, 1 or more.
    public var fewestSamples = 1
    /// What to do with users whose train labels are all alike.
    public var singleClass = SingleClass.skip
    /// How a user's own level is estimated, for the arms that restore it and for the gate.
    public var restoration = PriorRestoration()
    /// What the gate does where validation cannot tell.
    public var gateDefault = Gate.Default.cloud
    /// Weight of the global CTR in an item's smoothed CTR, in samples; above 0.
    public var itemMeanStrength = 10.0

    /// The defaults above.
    public init() {}

    /// The gate that results.
    var gate: Gate { Gate(default: gateDefault, restoration: restoration) }
}
