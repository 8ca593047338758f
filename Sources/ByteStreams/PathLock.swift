public import Samples

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file or folder that one owner at a time may hold, be it in this process or another. Given back when this object is
/// released or the process ends, however it ends.
public final class PathLock: Sendable {
    /// What came of asking for a lock.
    public enum Attempt: Sendable {
        /// It is ours.
        case held(PathLock)
        /// Another one has it.
        case busy
        /// Nothing stands there, or no longer what stood there a moment ago.
        case missing
    }

    private let descriptor: Int32

    private init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Asks, without waiting, for the lock of what stands at `path`; `followsLinks` says whether it may be a symbolic link.
    /// Throws `environment` if the system refuses.
    public static func take(_ path: String, followsLinks: Bool = true) throws(StageError) -> Attempt {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followsLinks ? 0 : O_NOFOLLOW))
        guard descriptor >= 0 else {
            if errno == ENOENT { return .missing }
            throw StageError(.environment, systemMessage(), at: SourcePosition(file: path))
        }
        let lock = PathLock(descriptor: descriptor)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            if errno == EWOULDBLOCK { return .busy }
            throw StageError(.environment, "cannot lock: \(systemMessage())", at: SourcePosition(file: path))
        }
        // Its last owner may have removed or replaced it between our opening and our locking it.
        var opened = stat()
        var there = stat()
        guard fstat(descriptor, &opened) == 0, stat(path, &there) == 0, opened.st_ino == there.st_ino,
            opened.st_dev == there.st_dev
        else { return .missing }
        return .held(lock)
    }
}
