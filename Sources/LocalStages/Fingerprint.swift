public import ByteStreams
import Crypto
public import Samples

/// Content in one short text: equal exactly for equal content.
public enum Fingerprint {
    /// The SHA-256 of some bytes, in hexadecimal.
    public static func of(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).hexadecimal
    }

    /// The SHA-256 of a file, in hexadecimal, read piece by piece. Blocks.
    public static func of(_ file: SeekableFile) throws(StageError) -> String {
        var hash = SHA256()
        let pieceBytes = 256 << 10
        for start in stride(from: 0, to: file.size, by: pieceBytes) {
            hash.update(data: try file.bytes(at: start, count: min(pieceBytes, file.size - start)))
        }
        return hash.finalize().hexadecimal
    }
}
