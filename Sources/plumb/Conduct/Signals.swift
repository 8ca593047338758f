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
/// A handler hands each signal through a pipe to a thread, where any code may run. (Blocking the signals and waiting for
/// them would not do: OpenBLAS starts its threads before `main`, and they would take them.)
final class Signals: Sendable {
    private struct State {
        var received: Int32?
        var work: Task<Int32, Never>?
    }

    private let state = Mutex(State())
    private static let handled = [SIGINT, SIGTERM, SIGHUP]

    /// Begins to listen. Also turns SIGPIPE and SIGXFSZ into the error of the write that met them. A signal that the parent process chose
    /// to ignore, as `nohup` does, stays ignored.
    static func install() -> Signals {
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        let signals = Signals()
        var descriptors: [Int32] = [-1, -1]
        // Without a pipe the signals keep their default: the process ends, and the next run cleans up.
        guard pipe(&descriptors) == 0 else { return signals }
        for descriptor in descriptors { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        handlerDescriptor.store(descriptors[1], ordering: .releasing)
        var mask = sigset_t()
        sigemptyset(&mask)
        for number in handled {
            sigaddset(&mask, number)
            if unsafeBitCast(signal(number, passOn), to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) {
                signal(number, SIG_IGN)
            }
        }
        // A parent may have left them blocked; this thread, the process's first, takes them.
        pthread_sigmask(SIG_UNBLOCK, &mask, nil)
        let readDescriptor = descriptors[0]
        DetachedThread.start {
            var number: UInt8 = 0
            while true {
                if read(readDescriptor, &number, 1) == 1 { signals.arrived(Int32(number)) }
            }
        }
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
}

/// Where the handler writes. A handler may not wait for a lock or allocate, so this is an atomic number.
private let handlerDescriptor = Atomic<Int32>(-1)

/// The handler: one byte into the pipe, and `errno` as it was.
private func passOn(_ number: Int32) {
    let code = errno
    var byte = UInt8(truncatingIfNeeded: number)
    _ = write(handlerDescriptor.load(ordering: .acquiring), &byte, 1)
    errno = code
}
