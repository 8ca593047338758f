public import Samples

extension AsyncSequence where Self: Sendable, Element == PredictionBatch, Failure == StageError {
    /// Metrics of every arm over one part of the predictions, with comparisons of arms and slices. Takes the whole stream; looks
    /// for cancellation once a batch.
    ///
    /// A user's rows must be contiguous and may span batches. Cost: O(n log n) in the evaluated rows of an arm, and for comparisons
    /// O(resamples · users). Memory: 16 bytes an evaluated row and arm up to `memoryBytes`, beyond which rows go to temporary files;
    /// the keys of all users and some numbers a user and arm.
    ///
    /// - Throws: `.data` for a user whose rows are not contiguous, a logit that is not finite, a label other than 0 and 1, a
    ///   stream without predictions or without any of that part; `.environment` for a temporary file; whatever the stream throws;
    ///   `.cancelled`.
    public func evaluate(
        _ settings: EvaluationSettings = EvaluationSettings()
    ) async throws(StageError) -> EvaluatedRun {
        var run = try await measure(settings)
        run.metrics.comparisons = await run.users.comparisons(
            pooled: run.metrics.arms.map(\.auc), settings.bootstrap, threads: settings.threads)
        run.metrics.slices = await run.users.sliceMetrics(
            globalCTR: run.metrics.scope.globalCTR, settings.bootstrap, threads: settings.threads)
        if Task.isCancelled { throw StageError.cancelled }
        return run
    }

    /// The same without comparisons and slices, for who has them already or makes them of several runs: nobody is resampled.
    public func measure(
        _ settings: EvaluationSettings = EvaluationSettings()
    ) async throws(StageError) -> EvaluatedRun {
        try await measure(settings, parts: [settings.part])[0]
    }

    /// The same for several parts of the predictions in one pass, in the order in which they are named. The settings' memory is
    /// each part's.
    public func measure(
        _ settings: EvaluationSettings = EvaluationSettings(), parts: [Part]
    ) async throws(StageError) -> [EvaluatedRun] {
        var evaluators = parts.map { part in
            var settings = settings
            settings.part = part
            return Evaluator(settings)
        }
        for try await batch in self {
            if Task.isCancelled { throw StageError.cancelled }
            for index in evaluators.indices { try evaluators[index].add(batch) }
        }
        // A cancelled stream may just end: what came until then is not the whole.
        if Task.isCancelled { throw StageError.cancelled }
        var runs: [EvaluatedRun] = []
        for index in evaluators.indices { runs.append(try evaluators[index].finish()) }
        return runs
    }
}
