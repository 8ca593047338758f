import ByteStreams
import Samples

/// Tells the threads that build a store to stop: because the task was cancelled, or because one of them failed.
struct StopSignal: Sendable {
    private let outer: Cancellation
    private let inner = Cancellation()

    /// Stops when `cancellation` does.
    init(_ cancellation: Cancellation) {
        outer = cancellation
    }

    /// Stops all who check.
    func stop() { inner.cancel() }

    /// Throws `cancelled` once there is a reason to stop.
    func check() throws(StageError) {
        if outer.isCancelled || inner.isCancelled { throw .cancelled }
    }
}
