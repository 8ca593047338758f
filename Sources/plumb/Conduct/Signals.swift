import ByteStreams
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// SIGINT, SIGTERM and SIGHUP as a request to stop: the first cancels the work, so that it cleans up, a second ends the
/// process at once.
///
/// The signals are blocked in every thread and taken by `sigwait` on one, where any code may run.
final class Signals: Sendable {
    private struct State {
        var received: Int32?
        var work: Task<Int32, Never>?
    }

    private let state = Mutex(State())
    private static let handled = [SIGINT, SIGTERM, SIGHUP]

    /// To be called before any other thread exists. Also turns SIGPIPE into the error of the write that met it.
    static func install() -> Signals {
        signal(SIGPIPE, SIG_IGN)
        var mask = sigset_t()
        sigemptyset(&mask)
        for number in handled { sigaddset(&mask, number) }
        pthread_sigmask(SIG_BLOCK, &mask, nil)
        let signals = Signals()
        signals.wait(for: mask)
        return signals
    }

    /// The signal that arrived, if one did.
    var received: Int32? { state.withLock { $0.received } }

    /// Cancels `work` when a signal arrives, or now if one has.
    func cancelOnArrival(_ work: Task<Int32, Never>) {
        let isLate = state.withLock { state in
            state.work = work
            return state.received != nil
        }
        if isLate { work.cancel() }
    }

    private func arrived(_ number: Int32) {
        let isSecond = state.withLock { state in
            let isSecond = state.received != nil
            state.received = number
            return isSecond
        }
        if isSecond { _exit(128 + number) }
        state.withLock { $0.work }?.cancel()
    }

    private func wait(for mask: sigset_t) {
        DetachedThread.start { [self] in
            var mask = mask
            while true {
                var number: Int32 = 0
                if sigwait(&mask, &number) == 0 { arrived(number) }
            }
        }
    }
}
