/// A checksum of 64 bits over a stream of bytes: tells a damaged file from a whole one, not a forged one.
///
/// Each eight bytes, little-endian and the last ones filled up with zeros, are taken in by
/// `h = (h ^ word) · 0x9FB21C651E98DF25; h ^= h >> 32`, and then the number of bytes likewise.
struct FileChecksum: Sendable, Hashable {
    private var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    private var count: UInt64 = 0
    /// Bytes that are no whole word yet, from the lowest up.
    private var rest: UInt64 = 0

    private mutating func mix(_ word: UInt64) {
        hash = (hash ^ word) &* 0x9FB2_1C65_1E98_DF25
        hash ^= hash &>> 32
    }

    /// Takes in more bytes; how a stream is cut makes no difference.
    mutating func add(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            var place = 0
            func byte() {
                rest |= UInt64(bytes[place]) << (8 * (count % 8))
                count += 1
                place += 1
                if count % 8 == 0 {
                    mix(rest)
                    rest = 0
                }
            }
            while place < bytes.count && count % 8 != 0 { byte() }
            while bytes.count - place >= 8 {
                mix(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)))
                place += 8
                count += 8
            }
            while place < bytes.count { byte() }
        }
    }

    /// The checksum so far, in hexadecimal.
    var text: String {
        var end = self
        if count % 8 != 0 { end.mix(rest) }
        end.mix(count)
        return String(end.hash, radix: 16)
    }
}
