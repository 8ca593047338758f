public import Samples

/// The same rows in batches that never cut a user: what a stage needs that looks at a whole local dataset at once.
///
/// Holds the largest user's rows in memory. Throws `data` for a user whose rows do not fit in one batch.
public struct WholeUserSequence<Base>: AsyncSequence, Sendable
where Base: AsyncSequence<SampleBatch, StageError> & Sendable {
    /// The one failure type of all streams.
    public typealias Failure = StageError

    let base: Base
    /// The most rows, bytes of keys and ids of a list in a joined batch.
    var limit = SampleBatch.columnLimit

    /// An iterator over the base's batches.
    public func makeAsyncIterator() -> Iterator {
        Iterator(base: base.makeAsyncIterator(), limit: limit)
    }

    /// Single-pass.
    public struct Iterator: AsyncIteratorProtocol {
        var base: Base.AsyncIterator
        let limit: Int

        /// The next batch, whose last user does not go on.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(StageError) -> SampleBatch? {
            guard var batch = try await base.next(isolation: actor) else { return nil }
            while batch.continuesUser {
                if Task.isCancelled { throw .cancelled }
                guard let more = try await base.next(isolation: actor) else {
                    throw StageError(.data, "the stream ends inside a user's samples")
                }
                guard batch.fits(0..<more.count, of: more, limit: limit) else {
                    throw StageError.userDoesNotFit(limit: limit)
                }
                batch.append(contentsOf: 0..<more.count, of: more)
                batch.continuesUser = more.continuesUser
            }
            return batch
        }
    }
}

@available(*, unavailable)
extension WholeUserSequence.Iterator: Sendable {}

extension AsyncSequence where Self: Sendable, Element == SampleBatch, Failure == StageError {
    /// Joins batches until none cuts a user.
    public func joiningUsers() -> WholeUserSequence<Self> {
        WholeUserSequence(base: self)
    }
}
