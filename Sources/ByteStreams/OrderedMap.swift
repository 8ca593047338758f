import Dispatch
public import Samples
import Synchronization

/// A parallel map on threads: one produces inputs, several turn them into outputs, and the calling thread takes the outputs
/// in the order of their inputs. The outputs, and their order, do not depend on the number of threads.
///
/// At most `bound` inputs are on their way, so a slow caller stops the producer. Released or cancelled, all threads end; a
/// thread that blocks in a read must be woken by `cancellation`.
public final class OrderedMap<Input: Sendable, Output: Sendable>: Sendable {
    /// Where the producer puts its inputs.
    public struct Inputs: Sendable {
        fileprivate let core: Core

        /// Hands an input over; blocks while `bound` of them are on their way. Throws `cancelled` when nobody wants it.
        public func put(_ input: Input) throws(StageError) {
            while true {
                switch core.state.withLock({ $0.put(input) }) {
                case .stored:
                    core.work.signal()
                    return
                case .wait: core.room.wait()
                case .cancelled: throw .cancelled
                }
            }
        }
    }

    /// What the threads share; they keep it, and not the map, alive.
    fileprivate final class Core: Sendable {
        let state: Mutex<OrderedMapState<Input, Output>>
        let cancellation: Cancellation
        let workerCount: Int
        /// The producer waits on it, workers on `work`, the caller on `results`; each looks at the state again once woken.
        let room = DispatchSemaphore(value: 0)
        let work = DispatchSemaphore(value: 0)
        let results = DispatchSemaphore(value: 0)

        init(bound: Int, workerCount: Int, cancellation: Cancellation) {
            state = Mutex(OrderedMapState(bound: bound))
            self.workerCount = workerCount
            self.cancellation = cancellation
        }

        func finish(_ failure: StageError?) {
            state.withLock { $0.finish(failure) }
            for _ in 0..<workerCount { work.signal() }
            results.signal()
        }

        func cancel() {
            state.withLock { $0.cancel() }
            cancellation.cancel()
            room.signal()
            for _ in 0..<workerCount { work.signal() }
            results.signal()
        }

        func work(_ transform: (Input) -> Output) {
            while true {
                switch state.withLock({ $0.take() }) {
                case .input(let number, let input):
                    let output = transform(input)
                    state.withLock { $0.deliver(number, output) }
                    results.signal()
                case .wait: work.wait()
                case .finished: return
                }
            }
        }
    }

    private let core: Core

    /// Starts the threads.
    ///
    /// - Parameters:
    ///   - workerCount: threads that transform.
    ///   - bound: inputs on their way at most.
    ///   - cancellation: the caller's; asked to stop, it wakes the threads' reads. The map cancels it when it is released
    ///     before its end.
    ///   - makeTransform: makes one worker's transform, on that worker's thread; the number counts workers from 0.
    ///   - produce: puts all inputs; what it throws comes after the outputs of what it put.
    public init(
        workerCount: Int, bound: Int, cancellation: Cancellation,
        makeTransform: @escaping @Sendable (Int) -> (Input) -> Output,
        produce: @escaping @Sendable (Inputs) throws(StageError) -> Void
    ) {
        let core = Core(bound: bound, workerCount: workerCount, cancellation: cancellation)
        self.core = core
        for worker in 0..<workerCount {
            DetachedThread.start { core.work(makeTransform(worker)) }
        }
        DetachedThread.start {
            do throws(StageError) {
                try produce(Inputs(core: core))
                core.finish(nil)
            } catch {
                core.finish(error)
            }
        }
    }

    deinit {
        core.cancel()
    }

    /// The next output; nil at the end. Blocks until it is there. To be called from one thread at a time.
    public func next() throws(StageError) -> Output? {
        while true {
            if core.cancellation.isCancelled { throw .cancelled }
            switch core.state.withLock({ $0.next() }) {
            case .output(let output):
                core.room.signal()
                return output
            case .wait: core.results.wait()
            case .finished(let failure):
                if let failure { throw failure }
                return nil
            }
        }
    }
}
