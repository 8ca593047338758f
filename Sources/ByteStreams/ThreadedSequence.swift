public import Samples

/// A sequence whose elements are made by blocking code on a thread of its own, at most `bound` of them ahead of the
/// consumer.
///
/// The thread starts with the first `next`, waits while the queue is full, and is stopped when the iterator is released
/// or the consuming task cancelled. Every iteration starts anew.
public struct ThreadedSequence<Element: Sendable>: AsyncSequence, Sendable {
    /// The one failure type of all streams.
    public typealias Failure = StageError

    /// What the producing code holds: where elements go, and how it learns that it should stop.
    public struct Output: Sendable {
        let queue: ThreadedQueue<Element>

        /// Asked to stop when the consumer is; give it to blocking reads so that they wake.
        public var cancellation: Cancellation { queue.cancellation }

        /// Hands an element over; blocks while the queue is full. Throws `cancelled` when nobody will read it.
        public func send(_ element: Element) throws(StageError) {
            try queue.send(element)
        }
    }

    private let bound: Int
    private let produce: @Sendable (Output) throws(StageError) -> Void

    /// A sequence of what `produce` sends.
    public init(bound: Int = 4, _ produce: @escaping @Sendable (Output) throws(StageError) -> Void) {
        self.bound = bound
        self.produce = produce
    }

    /// An iterator with a thread of its own.
    public func makeAsyncIterator() -> Iterator {
        Iterator(lifetime: Iterator.Lifetime(ThreadedQueue(bound: bound)), produce: produce)
    }

    /// Single-pass; releasing it stops the thread.
    public struct Iterator: AsyncIteratorProtocol {
        final class Lifetime {
            let queue: ThreadedQueue<Element>
            init(_ queue: ThreadedQueue<Element>) { self.queue = queue }
            deinit { queue.cancel() }
        }

        let lifetime: Lifetime
        var produce: (@Sendable (Output) throws(StageError) -> Void)?

        /// The next element; nil at the end.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(StageError) -> Element? {
            let queue = lifetime.queue
            if let produce = produce.take() {
                DetachedThread.start {
                    do throws(StageError) {
                        try produce(Output(queue: queue))
                        queue.finish(nil)
                    } catch {
                        queue.finish(error)
                    }
                }
            }
            return try await queue.next()
        }
    }
}

@available(*, unavailable)
extension ThreadedSequence.Iterator: Sendable {}
