/// The evaluation of one prediction stream: its metrics, and the users they are made of.
public struct EvaluatedRun: Sendable, Hashable {
    /// The metrics.
    public var metrics: RunMetrics
    /// The users, with which runs of other seeds can be compared user by user.
    public var users: EvaluatedUsers

    /// A run.
    public init(metrics: RunMetrics, users: EvaluatedUsers) {
        self.metrics = metrics
        self.users = users
    }
}
