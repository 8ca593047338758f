import ByteStreams
import Crypto

/// Content in one short text: equal exactly for equal content.
enum Fingerprint {
    /// The SHA-256 of some bytes, in hexadecimal.
    static func of(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).hexadecimal
    }
}
