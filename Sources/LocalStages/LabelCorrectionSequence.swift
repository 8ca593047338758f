public import LabelCorrection
public import Samples

/// Samples with corrected labels beside the raw ones: the stage `correct`.
///
/// Only `correctedLabels` is set: in a user's train part to what the correction makes of the labels, which `reweight` and
/// `logit-adjust` leave as they are; in the other parts it repeats the label. Rows, order, features and labels stay. All users
/// are corrected, also those whose labels are all alike: whether they are tuned is decided by `finetune`.
public struct LabelCorrectionSequence<Base>: AsyncSequence, Sendable
where Base: AsyncSequence<SampleBatch, StageError> & Sendable {
    /// The one failure type of all streams.
    public typealias Failure = StageError

    let base: WholeUserSequence<Base>
    let globalCTR: GlobalCTR
    let correction: Correction
    let newest: Int?

    /// An iterator over the base's batches, users joined.
    public func makeAsyncIterator() -> Iterator {
        Iterator(
            base: base.makeAsyncIterator(), globalCTR: globalCTR, correction: correction, newest: newest)
    }

    /// Single-pass.
    public struct Iterator: AsyncIteratorProtocol {
        var base: WholeUserSequence<Base>.Iterator
        let globalCTR: GlobalCTR
        let correction: Correction
        let newest: Int?

        /// The next batch of whole users.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(StageError) -> SampleBatch? {
            if Task.isCancelled { throw .cancelled }
            guard var batch = try await base.next(isolation: actor) else { return nil }
            guard let parts = batch.parts else { throw .notPartitioned(stage: "correct") }
            var corrected = batch.labels
            for rows in batch.userRanges {
                let all = try rows.trainRows(parts, user: batch.users[rows.lowerBound])
                let train = all.suffix(newest ?? all.count)
                var labels = Array(corrected[train])
                correction.correct(&labels, to: globalCTR)
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
    ///
    /// - Parameter newest: the most train samples of a user that are looked at and corrected, the newest, as
    ///   `FineTuningSettings.mostSamples` has it; nil: all. Those before repeat their label.
    public func correctingLabels(
        to globalCTR: GlobalCTR, by correction: Correction = Correction(), newest: Int? = nil
    ) -> LabelCorrectionSequence<Self> {
        LabelCorrectionSequence(
            base: joiningUsers(), globalCTR: globalCTR, correction: correction, newest: newest)
    }
}
