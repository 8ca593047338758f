/// One arm's scores: all of them for the pooled metrics, the current user's for the user means.
struct ArmTally: Sendable {
    let name: String
    private var users = GroupedAUC()
    private var pooled = ScoresByClass()

    init(name: String) {
        self.name = name
    }

    /// Adds one row of the current user; `logit` is finite.
    mutating func append(_ logit: Double, isPositive: Bool) {
        users.append(logit, isPositive: isPositive)
        pooled.append(logit, isPositive: isPositive)
    }

    /// Ends the current user.
    mutating func endUser() {
        users.endGroup()
    }

    /// The arm's metrics over all ended users, of which at least one had rows; its scores are sorted in place, then released.
    /// Cost: O(n log n).
    mutating func finish() -> ArmMetrics {
        defer { pooled = ScoresByClass() }
        pooled.sort()
        var calibration = CalibrationTally(rowCount: pooled.count)
        for tie in pooled.ties { calibration.add(tie) }
        return ArmMetrics(
            arm: name, auc: pooled.areaUnderCurve, gauc: users.weightedMean, averageAUC: users.mean,
            logLoss: calibration.logLoss, pcoc: calibration.pcoc, ece: calibration.ece)
    }
}
