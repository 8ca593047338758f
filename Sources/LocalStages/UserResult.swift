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

    init(_ user: LocalUser, _ scores: UserScores) {
        train = user.train
        validationSamples = user.parts.validation.count
        testSamples = user.parts.test.count
        outcome = scores.outcome
        gate = scores.gate
        isKept = scores.isKept
        diverged = scores.diverged
        losses = scores.losses
    }

    /// The gate's reason; where the user was not tuned, with that of it.
    var gateText: String? {
        guard let gate else { return nil }
        return gate.reason == .notTuned ? "\(gate.reason.rawValue): \(outcome.rawValue)" : gate.reason.rawValue
    }
}
