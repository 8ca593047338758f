public import Samples

/// Sequences one after the other as one.
public struct ChainedSequence<Base>: AsyncSequence, Sendable
where Base: AsyncSequence & Sendable, Base.Failure == StageError, Base.Element: Sendable {
    /// The one failure type of all streams.
    public typealias Failure = StageError
    /// What the sequences hold.
    public typealias Element = Base.Element

    private let bases: [Base]

    /// All elements of the first, then those of the second, and so on.
    public init(_ bases: [Base]) {
        self.bases = bases
    }

    /// An iterator, which starts a sequence when the one before has ended.
    public func makeAsyncIterator() -> Iterator {
        Iterator(bases: bases[...])
    }

    /// Single-pass, as far as the sequences are.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate var bases: ArraySlice<Base>
        private var current: Base.AsyncIterator?

        fileprivate init(bases: ArraySlice<Base>) {
            self.bases = bases
        }

        /// The next element; nil at the end of the last sequence.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(StageError) -> Element? {
            while true {
                if let element = try await current?.next(isolation: actor) { return element }
                guard let base = bases.popFirst() else { return nil }
                current = base.makeAsyncIterator()
            }
        }
    }
}

@available(*, unavailable)
extension ChainedSequence.Iterator: Sendable {}
