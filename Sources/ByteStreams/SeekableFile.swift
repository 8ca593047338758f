public import Samples

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A regular file, read from any place by any thread with blocking calls.
public final class SeekableFile: Sendable {
    /// The file as the user named it. Errors start with it.
    public let name: String
    /// Size in bytes when it was opened.
    public let size: Int
    private let descriptor: Int32
    private let cancellation: Cancellation

    /// Opens `path`; nil if that is standard input (`-`), a pipe, a terminal or a device, which have no places. Throws `environment` if it cannot
    /// be opened or is a folder.
    public init?(path: String, cancellation: Cancellation = Cancellation()) throws(StageError) {
        name = path
        self.cancellation = cancellation
        if path == "-" { return nil }
        // Opening a pipe must neither wait for its writer nor take it from who will read it.
        var status = stat()
        if stat(path, &status) == 0, ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) { return nil }
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
            size = 0
            throw StageError(.environment, systemMessage(), at: SourcePosition(file: path))
        }
        size = Int(status.st_size)
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw StageError(.environment, "is a folder, not a file", at: SourcePosition(file: path))
        }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// `count` bytes from `offset` on; fewer only at the file's end. Throws `cancelled` where that was asked for.
    public func bytes(at offset: Int, count: Int) throws(StageError) -> [UInt8] {
        guard !cancellation.isCancelled else { throw .cancelled }
        var code: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
            while done < count {
                let read = pread(descriptor, buffer.baseAddress?.advanced(by: done), count - done, off_t(offset + done))
                if read < 0 && errno == EINTR { continue }
                if read < 0 { code = errno }
                if read <= 0 { return }
                done += read
            }
        }
        guard code == 0 else {
            throw StageError(
                .environment, "cannot read: \(systemMessage(code))",
                at: SourcePosition(file: name, byteOffset: offset + bytes.count))
        }
        return bytes
    }
}
