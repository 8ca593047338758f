import Dispatch
public import Samples
import Synchronization

/// A thread that does blocking work for tasks, so that none of the pool's few threads ever waits for a disk or a pipe.
///
/// Jobs run one after another in the order given. The thread ends when this object is released.
public final class BlockingThread: Sendable {
    /// Does the work and returns what tells the waiting task of it.
    private typealias Job = @Sendable () -> @Sendable () -> Void

    private final class Shared: Sendable {
        let jobs = Mutex<[Job]>([])
        let arrived = DispatchSemaphore(value: 0)
    }

    private let shared = Shared()
    /// Asked to stop when a task that waits in `run` is cancelled; give it to blocking calls so that they wake.
    public let cancellation = Cancellation()

    /// Starts the thread.
    public init() {
        DetachedThread.start { [shared] in
            // The task is told only when the job, and what it held, is released: what the task then lets go of, such as a
            // file that is to vanish, is gone at once.
            while let tell = Self.doNext(shared) { tell() }
        }
    }

    deinit {
        shared.arrived.signal()
    }

    /// Waits for a job and does it; nil when there will be no more.
    private static func doNext(_ shared: Shared) -> (@Sendable () -> Void)? {
        shared.arrived.wait()
        let job: Job? = shared.jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        return job?()
    }

    /// Runs `job` on the thread and returns what it returns. If the task is cancelled meanwhile, `cancellation` is asked
    /// to stop, and the job's own error comes back.
    public func run<Value: Sendable>(
        _ job: @escaping @Sendable () throws(StageError) -> Value
    ) async throws(StageError) -> Value {
        let result: Result<Value, StageError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let work: Job = {
                    let result: Result<Value, StageError>
                    do throws(StageError) {
                        result = .success(try job())
                    } catch {
                        result = .failure(error)
                    }
                    return { continuation.resume(returning: result) }
                }
                shared.jobs.withLock { $0.append(work) }
                shared.arrived.signal()
            }
        } onCancel: {
            cancellation.cancel()
        }
        return try result.get()
    }
}
