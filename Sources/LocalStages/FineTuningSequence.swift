import CTRModels
import LabelCorrection
public import Samples

/// Predictions of every arm for each user's validation and test samples: the stage `finetune`.
///
/// Each batch's users are tuned on up to `threads` cores at once; rows come out in the order of the base, the same bytes for
/// any number of threads.
public struct FineTuningSequence<Base>: AsyncSequence, Sendable
where Base: AsyncSequence<SampleBatch, StageError> & Sendable {
    /// The one failure type of all streams.
    public typealias Failure = StageError

    let base: WholeUserSequence<Base>
    let scorer: UserScorer
    let threads: Int
    let report: FineTuningReport

    /// An iterator over the base's batches.
    public func makeAsyncIterator() -> Iterator {
        Iterator(base: base.makeAsyncIterator(), scorer: scorer, threads: threads, report: report)
    }

    /// Single-pass.
    public struct Iterator: AsyncIteratorProtocol {
        var base: WholeUserSequence<Base>.Iterator
        let scorer: UserScorer
        let threads: Int
        let report: FineTuningReport

        /// The predictions for the base's next batch.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(StageError) -> PredictionBatch? {
            if Task.isCancelled { throw .cancelled }
            guard let batch = try await base.next(isolation: actor) else { return nil }
            guard let parts = batch.parts, let corrected = batch.correctedLabels else {
                throw StageError(.data, "`finetune` needs samples with corrected labels")
            }
            let users = batch.userRanges
            let shards = Self.shards(of: users, count: threads)
            let results = await withTaskGroup(of: (Int, Result<Shard, StageError>).self) { [scorer] group in
                for (index, shard) in shards.enumerated() {
                    group.addTask {
                        do throws(StageError) {
                            return (index, .success(try Shard(users[shard], batch, parts, corrected, scorer)))
                        } catch {
                            return (index, .failure(error))
                        }
                    }
                }
                var results = [Result<Shard, StageError>?](repeating: nil, count: shards.count)
                for await (index, result) in group { results[index] = result }
                return results
            }
            var predictions = PredictionBatch(scorer.schema)
            for case let result? in results {
                let shard = try result.get()
                predictions.append(shard.predictions)
                report.add(shard.outcomes)
            }
            return predictions
        }

        /// Neighbouring users in at most `count` pieces of about as many.
        private static func shards(of users: [Range<Int>], count: Int) -> [Range<Int>] {
            let pieces = Swift.min(count, users.count)
            return (0..<pieces).map { users.count * $0 / pieces..<users.count * ($0 + 1) / pieces }
        }
    }
}

@available(*, unavailable)
extension FineTuningSequence.Iterator: Sendable {}

/// What one core makes of some neighbouring users.
private struct Shard: Sendable {
    var predictions: PredictionBatch
    var outcomes: [UserOutcome] = []

    init(
        _ users: ArraySlice<Range<Int>>, _ batch: SampleBatch, _ parts: [Part], _ corrected: [Float],
        _ scorer: UserScorer
    ) throws(StageError) {
        predictions = PredictionBatch(scorer.schema)
        for rows in users {
            if Task.isCancelled { throw .cancelled }
            outcomes.append(
                try scorer.score(rows, of: batch, parts: parts, corrected: corrected, into: &predictions))
        }
    }
}
