import Samples

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// An open file of a store, read from any place.
final class StoreFileReader {
    /// The file's path, for messages.
    let path: String
    /// The file's size in bytes when it was opened.
    let size: Int

    private let descriptor: Int32

    /// Opens the file `name`. Throws `environment` if it is missing or no regular file.
    init(opening name: String, in folder: Folder) throws(StageError) {
        path = "\(folder.path)/\(name)"
        // Should a pipe stand there, opening it must not wait for its other end.
        descriptor = openat(folder.descriptor, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            size = 0
            throw .system("open", path)
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            size = 0
            throw StageError(.environment, "is no regular file", at: SourcePosition(file: path))
        }
        size = Int(status.st_size)
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Reads up to `buffer.count` bytes from `offset` on; 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(StageError) -> Int {
        while true {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
            if count >= 0 { return count }
            guard errno == EINTR else { throw .system("read", path) }
        }
    }

    /// Reads up to `most` bytes from `offset` on; fewer only at the end.
    func bytes(at offset: Int, atMost most: Int) throws(StageError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: max(0, min(most, size - offset)))
        var done = 0
        while done < bytes.count {
            let outcome = bytes.withUnsafeMutableBytes { buffer in
                Result { () throws(StageError) in
                    try self.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[done...]), at: offset + done)
                }
            }
            let count = try outcome.get()
            if count == 0 { break }
            done += count
        }
        bytes.removeLast(bytes.count - done)
        return bytes
    }
}
