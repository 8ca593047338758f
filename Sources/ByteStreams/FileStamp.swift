#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What the system says of a file without reading it. A file whose stamp is still the same was not written since, provided
/// that the stamp was settled when its bytes were read.
public struct FileStamp: Sendable, Hashable {
    /// The file's size.
    public var bytes: Int
    /// When it was last written, in nanoseconds since 1970.
    public var modified: Int
    /// When the system last changed what it says of the file, which nobody can set back, in nanoseconds since 1970.
    public var changed: Int
    /// The file's number on its file system.
    public var inode: UInt64
    /// The file system's number.
    public var device: UInt64

    /// A stamp with these parts.
    public init(bytes: Int, modified: Int, changed: Int, inode: UInt64, device: UInt64) {
        self.bytes = bytes
        self.modified = modified
        self.changed = changed
        self.inode = inode
        self.device = device
    }

    /// The stamp of the regular file at `path`, links followed; nil if there is none.
    public init?(of path: String) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        #if canImport(Darwin)
        let (modified, changed) = (status.st_mtimespec, status.st_ctimespec)
        #else
        let (modified, changed) = (status.st_mtim, status.st_ctim)
        #endif
        self.init(
            bytes: Int(status.st_size), modified: Self.nanoseconds(modified), changed: Self.nanoseconds(changed),
            inode: UInt64(truncatingIfNeeded: status.st_ino), device: UInt64(truncatingIfNeeded: status.st_dev))
    }

    /// The time now, in nanoseconds since 1970.
    public static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return nanoseconds(time)
    }

    /// Whether any write after `moment` is bound to show in the stamp.
    ///
    /// File systems count time in steps, of milliseconds or of up to two seconds, and a second write within a step shows in
    /// nothing but the size. So the last write must lie two seconds back.
    public func isSettled(at moment: Int) -> Bool {
        modified < moment - 2_000_000_000
    }

    /// Wraps round where a file claims a year beyond 2262: still equal for equal times.
    private static func nanoseconds(_ time: timespec) -> Int {
        Int(time.tv_sec) &* 1_000_000_000 &+ Int(time.tv_nsec)
    }
}
