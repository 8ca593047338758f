import LabelCorrection
public import Samples

extension AsyncSequence where Self: Sendable, Element == SampleBatch, Failure == StageError {
    /// Counts every user's train part, to the end of the stream: the stage `ctr`.
    ///
    /// Wants a partitioned stream. Holds 16 bytes a user.
    public func measureCTR() async throws(StageError) -> CTRReport {
        var users: [ClickCounts] = []
        var isUserOpen = false
        for try await batch in self {
            if Task.isCancelled { throw .cancelled }
            guard let parts = batch.parts else { throw .notPartitioned(stage: "ctr") }
            for rows in batch.userRanges {
                if !(isUserOpen && rows.lowerBound == 0) { users.append(ClickCounts()) }
                for row in rows where parts[row] == .train { users[users.count - 1].add(batch.labels[row]) }
            }
            if batch.count > 0 { isUserOpen = batch.continuesUser }
        }
        // A cancelled stream may just end: what came until then is not the whole.
        if Task.isCancelled { throw .cancelled }
        return try CTRReport(users: users)
    }
}

extension StageError {
    /// A stage that works on local datasets was given a stream in log order.
    static func notPartitioned(stage: String) -> StageError {
        StageError(
            .data, "`\(stage)` needs samples grouped by user and split into parts",
            advice: "run them through `plumb partition` first")
    }
}
