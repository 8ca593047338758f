import FineTuning
import LabelCorrection

/// What came of one user beside the predictions: a line of the users' table.
struct UserResult: Sendable {
    /// The whole train part's counts.
    let train: ClickCounts
    let validationSamples: Int
    let testSamples: Int
    /// What became of the user.
    let outcome: UserOutcome
    /// What the gate decided; nil where no arm is gated.
    let gate: GateDecision?
    /// As `PredictionBatch.kept` says it.
    let isKept: Bool
    /// The tunings that diverged.
    let diverged: [Int]
    /// For each tuning what was learnt; empty where nobody asked.
    let losses: [TuningLosses?]
    /// What a device would keep, as a file; nil where it keeps nothing, or nobody asked.
    let overlay: [UInt8]?

    init(_ user: LocalUser, _ scores: UserScores) {
        train = user.train
        validationSamples = user.parts.validation.count
        testSamples = user.parts.test.count
        outcome = scores.outcome
        gate = scores.gate
        isKept = scores.isKept
        diverged = scores.diverged
        losses = scores.losses
        overlay = scores.overlay
    }

    /// What to tell of the user by name; nil for nothing.
    func fault(_ plan: TuningPlan) -> String? {
        if outcome == .notFinite { return "the cloud model's own logits are not finite, not scored" }
        if diverged.isEmpty { return nil }
        let names = diverged.map { plan.tunings[$0].name }
        return "tuning diverged in \(names.joined(separator: ", ")), the cloud model scores there"
    }

    /// The gate's reason; where the user was not tuned, with that of it.
    var gateText: String? {
        guard let gate else { return nil }
        return gate.reason == .notTuned ? "\(gate.reason.rawValue): \(outcome.rawValue)" : gate.reason.rawValue
    }
}
