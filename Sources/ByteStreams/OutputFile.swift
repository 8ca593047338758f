public import Samples
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Where a stage's result goes: a file that appears under its name only when whole, or a pipe, terminal or device that
/// is written directly.
///
/// A regular file is written as `.NAME.partial` beside its place and renamed by `publish`. Released without `publish`, it
/// leaves nothing behind. Calls block; streams use `ByteSink`.
public final class OutputFile: Sendable {
    private struct State {
        var descriptor: Int32
        var isPublished = false
        var isDiscarded = false
        var bytesWritten = 0
        /// Whether what was written stays without `publish`.
        var isKept = false
    }

    /// The file as the user named it; `<stdout>` for standard output.
    public let name: String
    /// The file that becomes `name`; nil if `name` is written directly.
    private let partialPath: String?
    private let isPollable: Bool
    private let ownsDescriptor: Bool
    private let state: Mutex<State>

    /// Opens a regular file to be written on behind its first `bytes`, which an earlier process wrote: what stands behind them
    /// in its `.NAME.partial` goes. Where there were any, or after `keep`, a release without `publish` leaves them for a later
    /// process.
    ///
    /// Throws `environment` as the other does, or if there are fewer bytes.
    public init(path: String, continuingAt bytes: Int) throws(StageError) {
        name = path
        ownsDescriptor = true
        isPollable = false
        let partial = Self.partialPath(of: path)
        partialPath = partial
        let descriptor = try Self.openPartial(partial, for: path, keeping: bytes)
        state = Mutex(State(descriptor: descriptor, bytesWritten: bytes, isKept: bytes > 0))
    }

    /// Where `path` is written until it is published.
    public static func partialPath(of path: String) -> String {
        let (folder, file) = split(path)
        return folder + "." + file + ".partial"
    }

    /// Whether `path` is a regular file, or would be once it is written; else it is written directly.
    public static func isRegular(at path: String) -> Bool {
        var status = stat()
        return path != "-" && (stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG)
    }

    /// Opens `path` for writing; `-` is standard output. For a named pipe it waits until somebody reads it.
    ///
    /// Throws `environment` if that is refused, or if another process is writing the same file; `cancelled` if
    /// `cancellation` says so while it waits.
    public init(path: String, cancellation: Cancellation = Cancellation()) throws(StageError) {
        if path == "-" {
            name = "<stdout>"
            partialPath = nil
            ownsDescriptor = false
            isPollable = !Self.isRegular(STDOUT_FILENO)
            state = Mutex(State(descriptor: STDOUT_FILENO))
            return
        }
        name = path
        ownsDescriptor = true
        var status = stat()
        let exists = stat(path, &status) == 0
        let kind = status.st_mode & S_IFMT
        if exists && kind == S_IFDIR {
            throw StageError(.environment, "is a folder", at: SourcePosition(file: path))
        }
        if exists && kind != S_IFREG {
            partialPath = nil
            isPollable = true
            state = Mutex(
                State(descriptor: try Self.openDirect(path, isPipe: kind == S_IFIFO, cancellation: cancellation)))
            return
        }
        isPollable = false
        let partial = Self.partialPath(of: path)
        partialPath = partial
        state = Mutex(State(descriptor: try Self.openPartial(partial, for: path, keeping: 0)))
    }

    /// Opens a named pipe, terminal or device.
    private static func openDirect(
        _ path: String, isPipe: Bool, cancellation: Cancellation
    ) throws(StageError) -> Int32 {
        while true {
            // Without waiting: a pipe nobody reads yet would hold the thread where no cancellation reaches it.
            let descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK)
            if descriptor >= 0 {
                _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
                return descriptor
            }
            // ENXIO is how a pipe says that it has no reader; no system call waits for one and can be woken.
            guard isPipe && errno == ENXIO || errno == EINTR else {
                throw StageError(.environment, systemMessage(), at: SourcePosition(file: path))
            }
            guard cancellation.wait(milliseconds: 50) else { throw .cancelled }
        }
    }

    /// Opens and locks a partial file, which is made if it does not stand there yet, and cuts it to its first `bytes`.
    private static func openPartial(
        _ partial: String, for path: String, keeping bytes: Int
    ) throws(StageError) -> Int32 {
        let folder = split(path).folder
        while true {
            let descriptor = open(partial, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
            guard descriptor >= 0 else {
                let code = errno
                throw StageError(
                    .environment, "cannot create: \(systemMessage(code))", at: SourcePosition(file: path),
                    advice: code == ENOENT ? "make the folder \(folder) first" : nil)
            }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                close(descriptor)
                throw StageError(.environment, "another process is writing this file", at: SourcePosition(file: path))
            }
            var opened = stat()
            var there = stat()
            guard fstat(descriptor, &opened) == 0, stat(partial, &there) == 0, opened.st_ino == there.st_ino,
                opened.st_dev == there.st_dev
            else {
                // Its owner published or removed it between our opening and our locking it: this is its file, not ours.
                close(descriptor)
                continue
            }
            guard opened.st_size >= off_t(bytes) else {
                close(descriptor)
                throw StageError(
                    .environment, "has fewer than the \(bytes) bytes that were written",
                    at: SourcePosition(file: partial))
            }
            guard ftruncate(descriptor, off_t(bytes)) == 0, lseek(descriptor, 0, SEEK_END) == off_t(bytes) else {
                let code = errno
                close(descriptor)
                throw StageError(
                    .environment, "cannot empty: \(systemMessage(code))", at: SourcePosition(file: partial))
            }
            return descriptor
        }
    }

    deinit {
        state.withLock { state in
            guard ownsDescriptor, !state.isPublished else { return }
            if let partialPath, !state.isDiscarded, !state.isKept { unlink(partialPath) }
            close(state.descriptor)
        }
    }

    /// Bytes written so far.
    public var bytesWritten: Int { state.withLock { $0.bytesWritten } }

    /// Whether this is a terminal, where binary data has no business.
    public var isTerminal: Bool { state.withLock { isatty($0.descriptor) == 1 } }

    /// Writes all of `bytes`. Throws `closedPipe` if the reader went away, `cancelled` if `cancellation` says so.
    public func write(_ bytes: [UInt8], cancellation: Cancellation? = nil) throws(StageError) {
        var failure: StageError?
        state.withLock { state in
            var done = 0
            while done < bytes.count && failure == nil {
                if let cancellation {
                    let goesOn =
                        isPollable
                        ? cancellation.waitUntilReady(state.descriptor, events: Int32(POLLOUT))
                        : !cancellation.isCancelled
                    if !goesOn {
                        failure = .cancelled
                        break
                    }
                }
                // A pipe that polls as writable takes 4 KiB (PIPE_BUF) without blocking.
                let most = isPollable ? min(4096, bytes.count - done) : bytes.count - done
                let count = bytes.withUnsafeBytes { buffer in
                    #if canImport(Glibc)
                    Glibc.write(state.descriptor, buffer.baseAddress?.advanced(by: done), most)
                    #elseif canImport(Musl)
                    Musl.write(state.descriptor, buffer.baseAddress?.advanced(by: done), most)
                    #else
                    Darwin.write(state.descriptor, buffer.baseAddress?.advanced(by: done), most)
                    #endif
                }
                if count >= 0 {
                    done += count
                } else if errno == EPIPE {
                    failure = StageError(.closedPipe, "the reader closed the pipe", at: SourcePosition(file: name))
                } else if errno != EINTR && errno != EAGAIN {
                    failure = StageError(
                        .environment, "cannot write: \(systemMessage())", at: SourcePosition(file: name))
                }
            }
            state.bytesWritten += done
        }
        if let failure { throw failure }
    }

    /// Makes the whole file appear under its name. To be called once, after the last `write`.
    ///
    /// A file of up to 16 MiB is on the disk before it appears. A larger one, a stream, is not waited for: it has an end
    /// marker, by which a reader notices what a crash of the machine, not of the process, may have cut off.
    public func publish() throws(StageError) {
        var failure: StageError?
        state.withLock { state in
            precondition(!state.isPublished && !state.isDiscarded, "published twice, or after it was discarded")
            guard ownsDescriptor else {
                state.isPublished = true
                return
            }
            if let partialPath {
                let isSynced = state.bytesWritten > Self.mostSyncedBytes || fsync(state.descriptor) == 0
                guard isSynced, rename(partialPath, name) == 0 else {
                    failure = StageError(
                        .environment, "cannot finish: \(systemMessage())", at: SourcePosition(file: name))
                    return
                }
            }
            state.isPublished = true
            if close(state.descriptor) != 0 && errno != EINTR {
                failure = StageError(.environment, "cannot close: \(systemMessage())", at: SourcePosition(file: name))
            }
        }
        if let failure { throw failure }
    }

    /// From now on what was written of a regular file stays where it is, even without `publish`, for `init(path:continuingAt:)`
    /// of a later process.
    public func keep() { state.withLock { $0.isKept = true } }

    /// Leaves nothing behind, at once, though another thread may still hold the file; what it writes goes nowhere. Does
    /// nothing once the file is published.
    public func discard() {
        // Nothing else has anything to leave behind, and its lock may be held by a write that waits for a reader.
        guard let partialPath else { return }
        state.withLock { state in
            guard !state.isPublished, !state.isDiscarded, !state.isKept else { return }
            unlink(partialPath)
            state.isDiscarded = true
        }
    }

    private static let mostSyncedBytes = 16 << 20

    private static func isRegular(_ descriptor: Int32) -> Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// The folder, with its final slash or empty, and the file's own name.
    private static func split(_ path: String) -> (folder: String, file: String) {
        guard let slash = path.lastIndex(of: "/") else { return ("", path) }
        let start = path.index(after: slash)
        return (String(path[..<start]), String(path[start...]))
    }
}
