import Dispatch
public import Samples
import Synchronization

/// A thread that does blocking work for tasks, so that none of the pool's few threads ever waits for a disk or a pipe.
///
/// Jobs run one after another in the order given. The thread ends when this object is released.
public final class BlockingThread: Sendable {
    private typealias Job = @Sendable () -> Void

    private struct Mailbox {
        var jobs: [Job] = []
        var isClosed = false
    }

    private final class Shared: Sendable {
        let mailbox = Mutex(Mailbox())
        let arrived = DispatchSemaphore(value: 0)
    }

    private let shared = Shared()
    /// Asked to stop when a task that waits in `run` is cancelled; give it to blocking calls so that they wake.
    public let cancellation = Cancellation()

    /// Starts the thread.
    public init() {
        DetachedThread.start { [shared] in
            while true {
                shared.arrived.wait()
                let job: Job? = shared.mailbox.withLock { $0.jobs.isEmpty ? nil : $0.jobs.removeFirst() }
                guard let job else { return }
                job()
            }
        }
    }

    deinit {
        shared.arrived.signal()
    }

    /// Runs `job` on the thread and returns what it returns. If the task is cancelled meanwhile, `cancellation` is asked
    /// to stop, and the job's own error comes back.
    public func run<Value: Sendable>(
        _ job: @escaping @Sendable () throws(StageError) -> Value
    ) async throws(StageError) -> Value {
        let result: Result<Value, StageError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let work: Job = {
                    do throws(StageError) {
                        continuation.resume(returning: .success(try job()))
                    } catch {
                        continuation.resume(returning: .failure(error))
                    }
                }
                shared.mailbox.withLock { $0.jobs.append(work) }
                shared.arrived.signal()
            }
        } onCancel: {
            cancellation.cancel()
        }
        return try result.get()
    }
}
