import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A request to stop that also wakes a thread which waits in `poll`.
///
/// `cancel` may be called from any thread, any number of times.
public final class Cancellation: Sendable {
    private let cancelled = Atomic(false)
    /// Becomes readable, and stays so, once cancelled; -1 if the machine had no descriptor left.
    let readDescriptor: Int32
    private let writeDescriptor: Int32

    /// A request not made yet. Holds two file descriptors for its life.
    public init() {
        var descriptors: [Int32] = [-1, -1]
        if pipe(&descriptors) == 0 {
            for descriptor in descriptors { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        }
        readDescriptor = descriptors[0]
        writeDescriptor = descriptors[1]
    }

    deinit {
        if readDescriptor >= 0 { close(readDescriptor) }
        if writeDescriptor >= 0 { close(writeDescriptor) }
    }

    /// Whether a stop was asked for.
    public var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    /// Asks for a stop and wakes whoever waits.
    public func cancel() {
        if cancelled.exchange(true, ordering: .acquiringAndReleasing) { return }
        if writeDescriptor >= 0 {
            var byte: UInt8 = 1
            _ = write(writeDescriptor, &byte, 1)
        }
    }

    /// Waits so many milliseconds, or until a stop is asked for.
    ///
    /// - Returns: false if a stop was asked for.
    func wait(milliseconds: Int32) -> Bool {
        if isCancelled { return false }
        // A descriptor of -1 is passed over: the wait then lasts its time.
        var waited = pollfd(fd: readDescriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&waited, 1, milliseconds)
        return !isCancelled
    }

    /// Waits until `descriptor` is ready for `events` (POLLIN or POLLOUT) or a stop is asked for.
    ///
    /// - Returns: false if a stop was asked for.
    func waitUntilReady(_ descriptor: Int32, events: Int32) -> Bool {
        while !isCancelled {
            var waited = [
                pollfd(fd: descriptor, events: Int16(events), revents: 0),
                pollfd(fd: readDescriptor, events: Int16(POLLIN), revents: 0),
            ]
            // Without a descriptor of our own to be woken by, look again every 50 ms.
            let ready = poll(&waited, nfds_t(waited.count), readDescriptor < 0 ? 50 : -1)
            if ready < 0 && errno != EINTR { return !isCancelled }
            if waited[0].revents != 0 { return !isCancelled }
        }
        return false
    }
}
