public import LabelCorrection
public import Samples

/// Samples with corrected labels beside the raw ones: the stage `correct`.
///
/// Only `correctedLabels` is set. In a user's train part its mean is the global CTR; in the other parts it repeats the
/// label. Rows, order, features and labels stay as they are.
public struct LabelCorrectionSequence<Base>: AsyncSequence, Sendable
where Base: AsyncSequence<SampleBatch, StageError> & Sendable {
    /// The one failure type of all streams.
    public typealias Failure = StageError

    let base: WholeUserSequence<Base>
    let globalCTR: GlobalCTR
    let method: CorrectionMethod

    /// An iterator over the base's batches, users joined.
    public func makeAsyncIterator() -> Iterator {
        Iterator(base: base.makeAsyncIterator(), globalCTR: globalCTR, method: method)
    }

    /// Single-pass.
    public struct Iterator: AsyncIteratorProtocol {
        var base: WholeUserSequence<Base>.Iterator
        let globalCTR: GlobalCTR
        let method: CorrectionMethod

        /// The next batch of whole users.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(StageError) -> SampleBatch? {
            if Task.isCancelled { throw .cancelled }
            guard var batch = try await base.next(isolation: actor) else { return nil }
            guard let parts = batch.parts else { throw .notPartitioned(stage: "correct") }
            var corrected = batch.labels
            for rows in batch.userRanges {
                let train = try rows.trainRows(parts, user: batch.users[rows.lowerBound])
                var labels = Array(corrected[train])
                method.correct(&labels, to: globalCTR)
                corrected.replaceSubrange(train, with: labels)
            }
            batch.correctedLabels = corrected
            return batch
        }
    }
}

@available(*, unavailable)
extension LabelCorrectionSequence.Iterator: Sendable {}

extension AsyncSequence where Self: Sendable, Element == SampleBatch, Failure == StageError {
    /// Corrects each user's train labels as they pass.
    public func correctingLabels(
        to globalCTR: GlobalCTR, by method: CorrectionMethod = .rescale
    ) -> LabelCorrectionSequence<Self> {
        LabelCorrectionSequence(base: joiningUsers(), globalCTR: globalCTR, method: method)
    }
}
