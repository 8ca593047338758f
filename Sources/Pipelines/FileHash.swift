import ByteStreams
import Crypto
import Synchronization

/// The record of a file whose bytes come piece by piece, before it stands in its place.
final class FileHash: Sendable {
    private let state = Mutex((hash: SHA256(), bytes: 0))

    /// Takes in the next bytes.
    func add(_ bytes: [UInt8]) {
        state.withLock { state in
            state.hash.update(data: bytes)
            state.bytes += bytes.count
        }
    }

    /// The file of these bytes, under a name.
    func record(_ name: String) -> FileRecord {
        state.withLock { FileRecord(name: name, bytes: $0.bytes, sha256: $0.hash.finalize().hexadecimal) }
    }
}
