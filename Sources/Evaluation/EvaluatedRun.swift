/// The evaluation of one prediction stream: its metrics, and the users they are made of.
public struct EvaluatedRun: Sendable, Hashable {
    /// The metrics.
    public var metrics: RunMetrics
    /// The users, with which runs of other seeds can be compared user by user.
    public var users: EvaluatedUsers

    /// The calibration bins of each arm, in the arms' order; empty where they are not known.
    public var calibration: [[CalibrationBin]]

    /// A run.
    public init(metrics: RunMetrics, users: EvaluatedUsers, calibration: [[CalibrationBin]] = []) {
        self.metrics = metrics
        self.users = users
        self.calibration = calibration
    }
}
