import Samples

/// The state of a bounded queue between one blocking producer and one suspending consumer, without locks or threads:
/// every call says what its caller has to do.
struct BoundedQueueState<Element: Sendable, Waiter> {
    enum SendAction {
        /// The element was taken in.
        case stored
        /// A consumer waits for exactly this element.
        case resume(Waiter, Element)
        /// Full: wait to be woken, then send again.
        case wait
        /// Nobody will read any more.
        case cancelled
    }

    enum NextAction {
        /// An element; if `wakeProducer`, a producer waits for the room it leaves.
        case element(Element, wakeProducer: Bool)
        /// The end, or why it ended early.
        case finished(StageError?)
        /// Nothing there yet: the waiter was kept.
        case suspend
    }

    private let bound: Int
    private var buffer: [Element] = []
    private var consumer: Waiter?
    private var isProducerWaiting = false
    private var end: StageError??
    private(set) var isCancelled = false

    /// A queue of at most `bound` elements.
    init(bound: Int) {
        precondition(bound > 0)
        self.bound = bound
    }

    mutating func send(_ element: Element) -> SendAction {
        if isCancelled { return .cancelled }
        if let waiter = consumer.take() { return .resume(waiter, element) }
        guard buffer.count < bound else {
            isProducerWaiting = true
            return .wait
        }
        buffer.append(element)
        return .stored
    }

    mutating func next(_ waiter: Waiter) -> NextAction {
        if !buffer.isEmpty {
            let wake = isProducerWaiting
            isProducerWaiting = false
            return .element(buffer.removeFirst(), wakeProducer: wake)
        }
        if let end {
            // The failure is told once; after it the sequence is at its end.
            self.end = .some(nil)
            return .finished(end)
        }
        if isCancelled { return .finished(.cancelled) }
        consumer = waiter
        return .suspend
    }

    /// The producer is done. Returns a consumer that waits for the news.
    mutating func finish(_ failure: StageError?) -> Waiter? {
        guard end == nil else { return nil }
        guard let waiter = consumer.take() else {
            end = .some(failure)
            return nil
        }
        end = .some(nil)
        return waiter
    }

    /// The consumer is gone or cancelled. Returns whom to wake.
    mutating func cancel() -> (consumer: Waiter?, wakeProducer: Bool) {
        isCancelled = true
        // What is thrown away here must not pass for a stream that came to its end.
        if !buffer.isEmpty, case .some(nil) = end { end = .some(.cancelled) }
        buffer.removeAll()
        let wake = isProducerWaiting
        isProducerWaiting = false
        return (consumer.take(), wake)
    }
}
