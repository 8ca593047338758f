import FineTuning

/// One model's logits of one user's samples.
struct UserLogits: Sendable {
    /// Of the train samples that were learnt from; nil where they are not needed, or not finite.
    let learnt: [Float]?
    /// Of the validation and test samples; finite.
    let scored: [Float]
}

/// What the models make of one user.
struct UserScores: Sendable {
    var outcome: UserOutcome
    /// Nil where no arm needs it for this user.
    var cloud: UserLogits?
    /// One a tuning; nil where the cloud model stands in for it.
    var tuned: [UserLogits?] = []
    /// What the gate decided; nil where no arm is gated.
    var gate: GateDecision?
    /// The tunings that diverged.
    var diverged: [Int] = []
    /// For each tuning what was learnt, and how well; empty where nobody asked.
    var losses: [TuningLosses?] = []
    /// What a device would keep, as a file; nil where it keeps nothing, or nobody asked.
    var overlay: [UInt8]?

    /// Whether tuned weights score the user: as the gate says, and without one in some arm.
    var isKept: Bool { gate?.keeps ?? tuned.contains { $0 != nil } }
}

/// The mean loss of what one tuning learnt from, on its own labels, weights and offset.
struct TuningLosses: Sendable, Hashable {
    /// With the cloud's weights.
    let before: Double
    /// With the tuned ones.
    let after: Double
}
