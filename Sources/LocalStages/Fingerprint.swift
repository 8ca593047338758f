import Crypto

/// Content in one short text: equal exactly for equal content.
enum Fingerprint {
    /// The SHA-256 of some bytes, in hexadecimal.
    static func of(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
