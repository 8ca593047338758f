import ByteStreams
import Crypto
import Samples

/// A file as a run knew it: the hash of its bytes, and what the system said of it then. Calls that hash block.
struct FileRecord: Sendable, Hashable {
    /// A source's path as the ingest opens it, or a result's path in the run folder.
    var name: String
    /// Its size.
    var bytes: Int
    /// The SHA-256 of its bytes, in hexadecimal.
    var sha256: String
    /// While the file has this stamp it is taken to be unchanged; nil if its bytes have to be looked at.
    var stamp: FileStamp?

    /// What a file comes to that was held against its record.
    enum Comparison: Sendable, Hashable {
        /// Its bytes are those recorded; with a stamp that may be newer.
        case same(FileRecord)
        /// Its bytes are others.
        case changed
        /// There is no such file.
        case missing
    }

    /// A file as a record says it.
    init(name: String, bytes: Int, sha256: String, stamp: FileStamp? = nil) {
        self.name = name
        self.bytes = bytes
        self.sha256 = sha256
        self.stamp = stamp
    }

    /// A file of these bytes, before it is written.
    init(name: String, content: [UInt8]) {
        self.init(name: name, bytes: content.count, sha256: SHA256.hash(data: content).hexadecimal)
    }

    /// Reads the file at `path`.
    init(name: String, readFrom path: String, cancellation: Cancellation) throws(StageError) {
        // Both before the first byte is read: what is written from now on must show.
        let moment = FileStamp.now
        let found = FileStamp(of: path)
        let (bytes, sha256) = try Self.hash(path, cancellation)
        let isTrusted = found.map { $0.isSettled(at: moment) && $0.bytes == bytes } ?? false
        self.init(name: name, bytes: bytes, sha256: sha256, stamp: isTrusted ? found : nil)
    }

    /// Holds the file that now stands at `path` against this record; reads it only if its stamp does not tell.
    func compared(with path: String, cancellation: Cancellation) throws(StageError) -> Comparison {
        guard let found = FileStamp(of: path) else { return .missing }
        if found == stamp { return .same(self) }
        guard found.bytes == bytes else { return .changed }
        let read = try FileRecord(name: name, readFrom: path, cancellation: cancellation)
        return read.sha256 == sha256 ? .same(read) : .changed
    }

    private static func hash(
        _ path: String, _ cancellation: Cancellation
    ) throws(StageError) -> (bytes: Int, sha256: String) {
        let file = try InputFile(path: path, cancellation: cancellation)
        var hash = SHA256()
        var block = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let result = block.withUnsafeMutableBytes { buffer -> Result<Int, StageError> in
                do throws(StageError) {
                    let count = try file.read(into: buffer)
                    hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                    return .success(count)
                } catch {
                    return .failure(error)
                }
            }
            if try result.get() == 0 { return (file.bytesRead, hash.finalize().hexadecimal) }
        }
    }
}
