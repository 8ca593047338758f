import Dispatch
public import Samples
import Synchronization

/// A bounded queue between two threads, each of which blocks while the other is behind.
public final class BlockingQueue<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var end: StageError??
        var isCancelled = false
    }

    private let bound: Int
    private let state = Mutex(State())
    /// The sender waits on `room`, the receiver on `elements`; each looks at the state again once woken.
    private let room = DispatchSemaphore(value: 0)
    private let elements = DispatchSemaphore(value: 0)

    /// A queue of at most `bound` elements.
    public init(bound: Int) {
        precondition(bound > 0)
        self.bound = bound
    }

    /// Hands an element over; blocks while the queue is full. Throws `cancelled` when nobody will take it.
    public func send(_ element: Element) throws(StageError) {
        while true {
            let isStored: Bool? = state.withLock { state in
                if state.isCancelled { return nil }
                guard state.elements.count < bound else { return false }
                state.elements.append(element)
                return true
            }
            guard let isStored else { throw .cancelled }
            if isStored {
                elements.signal()
                return
            }
            room.wait()
        }
    }

    /// The sender is done, or failed; what it sent before is still handed out.
    public func finish(_ failure: StageError?) {
        state.withLock { if $0.end == nil { $0.end = .some(failure) } }
        elements.signal()
    }

    /// The next element; nil at the end. Blocks until it is there. Throws what ended the queue, or `cancelled`.
    public func next() throws(StageError) -> Element? {
        while true {
            let result: Result<Element?, StageError>? = state.withLock { state in
                if state.isCancelled { return .failure(.cancelled) }
                if !state.elements.isEmpty { return .success(state.elements.removeFirst()) }
                return state.end.map { failure in failure.map { .failure($0) } ?? .success(nil) }
            }
            if let result {
                room.signal()
                return try result.get()
            }
            elements.wait()
        }
    }

    /// Wakes both sides; nothing is handed over any more.
    public func cancel() {
        state.withLock {
            $0.isCancelled = true
            $0.elements.removeAll()
        }
        room.signal()
        elements.signal()
    }
}
