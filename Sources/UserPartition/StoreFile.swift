import ByteStreams
import Crypto
import Samples

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file of a store: written once, from front to back, hashed on the way.
final class StoreFile {
    /// Bytes written so far.
    private(set) var bytesWritten = 0

    private let path: String
    private var descriptor: Int32
    private var hash = SHA256()

    /// Makes the file `name`, which must not exist, for this account's eyes only.
    init(creating name: String, in folder: Folder) throws(StageError) {
        path = "\(folder.path)/\(name)"
        descriptor = openat(
            folder.descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system("create", path) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Appends all of `bytes`.
    func write(_ bytes: [UInt8]) throws(StageError) {
        try Self.write(bytes, to: descriptor, path)
        hash.update(data: bytes)
        bytesWritten += bytes.count
    }

    /// Waits until the file is on disk and closes it.
    func finish() throws(StageError) -> PartitionManifest.File {
        guard fsync(descriptor) == 0 else { throw .system("write to disk", path) }
        let closed = close(descriptor) == 0
        descriptor = -1
        guard closed else { throw .system("close", path) }
        return PartitionManifest.File(bytes: bytesWritten, sha256: hash.finalize().hexadecimal)
    }

    /// Appends all pieces to a file that may or may not exist, without hashing it; returns their bytes.
    @discardableResult
    static func append(
        _ pieces: some Sequence<[UInt8]>, to name: String, in folder: Folder
    ) throws(StageError) -> Int {
        let path = "\(folder.path)/\(name)"
        let descriptor = openat(folder.descriptor, name, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system("create", path) }
        defer { close(descriptor) }
        var bytes = 0
        for piece in pieces {
            try write(piece, to: descriptor, path)
            bytes += piece.count
        }
        return bytes
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws(StageError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                let rest = UnsafeRawBufferPointer(rebasing: buffer[done...])
                #if canImport(Glibc)
                return Glibc.write(descriptor, rest.baseAddress, rest.count)
                #elseif canImport(Musl)
                return Musl.write(descriptor, rest.baseAddress, rest.count)
                #else
                return Darwin.write(descriptor, rest.baseAddress, rest.count)
                #endif
            }
            guard count >= 0 || errno == EINTR else { throw .system("write", path) }
            done += max(0, count)
        }
    }
}
