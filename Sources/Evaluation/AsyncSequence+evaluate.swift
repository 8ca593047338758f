public import Samples

extension AsyncSequence where Self: Sendable, Element == PredictionBatch, Failure == StageError {
    /// Metrics of every arm over one part of the predictions. Takes the whole stream; looks for cancellation once a batch.
    ///
    /// A user's rows must be contiguous and may span batches. Cost: O(n log n) in the evaluated rows of an arm; memory is 8 bytes
    /// an evaluated row and arm, up to twice that while arrays grow, and the keys of all users.
    ///
    /// - Throws: `.data` for a user whose rows are not contiguous, a logit that is not finite, a label other than 0 and 1, a
    ///   stream without predictions or without any of that part; whatever the stream throws; `.cancelled`.
    public func evaluate(
        _ settings: EvaluationSettings = EvaluationSettings()
    ) async throws(StageError) -> RunMetrics {
        var evaluator = Evaluator(settings)
        for try await batch in self {
            if Task.isCancelled { throw StageError.cancelled }
            try evaluator.add(batch)
        }
        // A cancelled stream may just end: what came until then is not the whole.
        if Task.isCancelled { throw StageError.cancelled }
        return try evaluator.finish()
    }
}
