import Foundation

/// A named pipe that is full and that nobody writes to: who opens it to write waits, and it shows that somebody does.
final class FullPipe {
    private let descriptor: Int32

    init(at path: String) throws {
        guard mkfifo(path, 0o600) == 0 else { throw CocoaError(.fileWriteUnknown) }
        descriptor = open(path, O_RDONLY | O_NONBLOCK)
        let writer = open(path, O_WRONLY | O_NONBLOCK)
        // First by much, then to the last byte.
        for count in [4096, 1] {
            let bytes = [UInt8](repeating: 0, count: count)
            while write(writer, bytes, count) > 0 {}
        }
        close(writer)
    }

    deinit { close(descriptor) }

    /// Whether a process has it open to write.
    var hasWriter: Bool {
        var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&state, 1, 0) == 1 && Int32(state.revents) & Int32(POLLHUP) == 0
    }
}
