/// What one local schedule came to with one model of one seed.
public struct StudyCell: Sendable, Hashable {
    /// The metrics on validation, by which schedules are chosen.
    public var validation: RunMetrics
    /// The metrics and users on test, which nothing is chosen by; without calibration bins.
    public var test: EvaluatedRun

    /// Users whose tuning came to a number that is not finite, and who keep the cloud model in that arm.
    public var diverged: Int

    /// A cell.
    public init(validation: RunMetrics, test: EvaluatedRun, diverged: Int = 0) {
        self.validation = validation
        self.diverged = diverged
        self.test = EvaluatedRun(metrics: test.metrics, users: test.users)
    }
}
