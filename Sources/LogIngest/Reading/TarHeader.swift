/// The header that a tar archive starts with, as POSIX.1-2017 (pax, "ustar Interchange Format") and the formats before it
/// have it.
struct TarHeader {
    /// Whether the archive goes on with an entry from the volume before it (GNU tar's type `M`).
    let isLaterVolume: Bool

    /// Bytes of a header, and of every block.
    static let blockBytes = 512

    /// Nil if `head` does not start with a header whose checksum is right.
    init?(_ head: [UInt8]) {
        guard head.count >= Self.blockBytes else { return nil }
        let checksumPlace = 148..<156
        var stated = 0
        for byte in head[checksumPlace].drop(while: { $0 == 0x20 }) {
            guard (0x30...0x37).contains(byte) else { break }
            stated = stated * 8 + Int(byte - 0x30)
        }
        // The sum of all bytes, the checksum's own taken as spaces; some old tars summed signed bytes.
        var sum = 0
        var signedSum = 0
        for place in 0..<Self.blockBytes {
            let byte = checksumPlace.contains(place) ? 0x20 : head[place]
            sum += Int(byte)
            signedSum += Int(Int8(bitPattern: byte))
        }
        guard stated == sum || stated == signedSum, head[0] != 0 else { return nil }
        isLaterVolume = head[156] == UInt8(ascii: "M")
    }
}
