import LabelCorrection
public import Samples

extension AsyncSequence where Self: Sendable, Element == SampleBatch, Failure == StageError {
    /// Counts every user's train part, to the end of the stream: the stage `ctr`.
    ///
    /// Wants a partitioned stream. Memory grows with the distinct pairs of counts, not with the users.
    ///
    /// - Parameter stores: the fingerprints of the stores that the samples come from, by which a report is held against a store
    ///   and no store is counted twice; none if that is not known.
    public func measureCTR(stores: [String] = []) async throws(StageError) -> CTRReport {
        var tally = CTRTally()
        // What was counted of a user whose samples go on in the next batch.
        var unfinished: ClickCounts?
        for try await batch in self {
            if Task.isCancelled { throw .cancelled }
            guard let parts = batch.parts else { throw .notPartitioned(stage: "ctr") }
            for rows in batch.userRanges {
                var counts = unfinished.take() ?? ClickCounts()
                for row in rows where parts[row] == .train { counts.add(batch.labels[row]) }
                if rows.upperBound == batch.count && batch.continuesUser {
                    unfinished = counts
                } else {
                    try tally.add(counts)
                }
            }
        }
        // A cancelled stream may just end: what came until then is not the whole.
        if Task.isCancelled { throw .cancelled }
        guard unfinished == nil else { throw StageError(.data, "the stream ends inside a user's samples") }
        return try CTRReport(tally, stores: stores)
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
