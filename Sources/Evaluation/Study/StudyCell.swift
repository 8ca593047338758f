/// What one local schedule came to with one model of one seed.
public struct StudyCell: Sendable, Hashable {
    /// The metrics on validation, by which schedules are chosen.
    public var validation: RunMetrics
    /// The metrics and users on test, which nothing is chosen by; without calibration bins.
    public var test: EvaluatedRun

    /// A cell.
    public init(validation: RunMetrics, test: EvaluatedRun) {
        self.validation = validation
        self.test = EvaluatedRun(metrics: test.metrics, users: test.users)
    }
}
