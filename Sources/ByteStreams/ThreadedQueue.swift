import Dispatch
import Samples
import Synchronization

/// The lock round `BoundedQueueState`: a blocking `send` on one side, a suspending `next` on the other.
final class ThreadedQueue<Element: Sendable>: Sendable {
    typealias Waiter = CheckedContinuation<Result<Element?, StageError>, Never>

    let cancellation = Cancellation()
    private let state: Mutex<BoundedQueueState<Element, Waiter>>
    private let room = DispatchSemaphore(value: 0)

    init(bound: Int) {
        state = Mutex(BoundedQueueState(bound: bound))
    }

    func send(_ element: Element) throws(StageError) {
        while true {
            switch state.withLock({ $0.send(element) }) {
            case .stored: return
            case .resume(let waiter, let element): return waiter.resume(returning: .success(element))
            case .wait: room.wait()
            case .cancelled: throw .cancelled
            }
        }
    }

    func finish(_ failure: StageError?) {
        state.withLock { $0.finish(failure) }?.resume(returning: failure.map { .failure($0) } ?? .success(nil))
    }

    func next() async throws(StageError) -> Element? {
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (waiter: Waiter) in
                switch state.withLock({ $0.next(waiter) }) {
                case .element(let element, let wakeProducer):
                    if wakeProducer { room.signal() }
                    waiter.resume(returning: .success(element))
                case .finished(let failure):
                    waiter.resume(returning: failure.map { .failure($0) } ?? .success(nil))
                case .suspend: break
                }
            }
        } onCancel: {
            cancel()
        }
        return try result.get()
    }

    /// Stops both sides; safe to call at any time and more than once.
    func cancel() {
        let (consumer, wakeProducer) = state.withLock { $0.cancel() }
        cancellation.cancel()
        if wakeProducer { room.signal() }
        consumer?.resume(returning: .failure(.cancelled))
    }
}
