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

/// A file in a store's folder: written once, from front to back, hashed on the way.
final class StoreFile {
    /// The file's name in its folder.
    let name: String
    /// Bytes written so far.
    private(set) var bytesWritten = 0

    private let path: String
    private var descriptor: Int32
    private var hash: SHA256?

    /// Makes the file `name`, which must not exist, for this account's eyes only. Temporary files need no hash.
    init(creating name: String, in folder: Folder, isHashed: Bool = true) throws(StageError) {
        self.name = name
        path = "\(folder.path)/\(name)"
        hash = isHashed ? SHA256() : nil
        descriptor = openat(
            folder.descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system("create", path) }
    }

    deinit {
        if descriptor >= 0 { _ = systemClose(descriptor) }
    }

    /// Appends all of `bytes`.
    func write(_ bytes: [UInt8]) throws(StageError) {
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
        hash?.update(data: bytes)
        bytesWritten += bytes.count
    }

    /// Closes the file. Whether it is on disk, `Folder.sync(file:)` makes sure.
    func close() throws(StageError) {
        let closed = systemClose(descriptor) == 0
        descriptor = -1
        guard closed else { throw .system("close", path) }
    }

    /// Closes the file; returns its size and checksum.
    func finish() throws(StageError) -> PartitionManifest.File {
        try close()
        return PartitionManifest.File(bytes: bytesWritten, sha256: hash?.finalize().hexadecimal ?? "")
    }
}

/// The system's call, whose name `StoreFile` has taken.
private func systemClose(_ descriptor: Int32) -> Int32 { close(descriptor) }
