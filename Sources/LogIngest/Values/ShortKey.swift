/// A key of 1 to 11 bytes as 12: its bytes, padded with zeros, and its length in the last, so that it fits a slot of 16 with
/// its id. Item and user keys are hardly ever longer.
struct ShortKey {
    let low: UInt64
    let high: UInt32

    /// A number as a key of eight bytes.
    @inline(__always)
    init(_ number: Int64) {
        low = UInt64(bitPattern: number)
        high = 8 << 24
    }

    /// The `count` bytes of `text` at `start`; nil for longer keys and for the empty one.
    ///
    /// Lengths vary from row to row, so that a branch on them would be guessed wrong often: where 16 bytes can be loaded,
    /// they are, and those behind the key masked away.
    @inline(__always)
    init?(_ text: Span<UInt8>, at start: Int, count: Int) {
        guard count > 0 && count <= 11 else { return nil }
        let bytes = text.bytes
        guard start &+ 16 <= bytes.byteCount else {
            self.init(text.extracting(start..<(start + count)))
            return
        }
        let first = bytes.unsafeLoadUnaligned(fromByteOffset: start, as: UInt64.self).littleEndian
        let second = bytes.unsafeLoadUnaligned(fromByteOffset: start &+ 8, as: UInt64.self).littleEndian
        self.init(
            low: first & (~0 &>> UInt64(truncatingIfNeeded: 64 &- 8 &* min(count, 8))),
            high: UInt32(truncatingIfNeeded: second)
                & ((1 &<< UInt32(truncatingIfNeeded: 8 &* max(count &- 8, 0))) &- 1)
                | UInt32(truncatingIfNeeded: count) &<< 24)
    }

    /// A key by its words, as another has them.
    init(low: UInt64, high: UInt32) {
        self.low = low
        self.high = high
    }

    /// Nil for longer keys and for the empty one.
    @inline(__always)
    init?(_ key: Span<UInt8>) {
        let bytes = key.bytes
        let count = bytes.byteCount
        let length = UInt32(truncatingIfNeeded: count) &<< 24
        // Two loads that overlap in the middle, so that none reads past the end.
        switch count {
        case 4...7:
            let first = bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt32.self).littleEndian
            let last = bytes.unsafeLoadUnaligned(fromByteOffset: count &- 4, as: UInt32.self).littleEndian
            low = UInt64(first) | UInt64(last) &<< UInt64(truncatingIfNeeded: 8 &* (count &- 4))
            high = length
        case 8...11:
            low = bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self).littleEndian
            let last = bytes.unsafeLoadUnaligned(fromByteOffset: count &- 8, as: UInt64.self).littleEndian
            high =
                (count == 8 ? 0 : UInt32(truncatingIfNeeded: last &>> UInt64(truncatingIfNeeded: 8 &* (16 &- count))))
                | length
        case 1...3:
            let middle = count / 2
            low =
                UInt64(bytes[0]) | UInt64(bytes[middle]) &<< UInt64(truncatingIfNeeded: 8 &* middle)
                | UInt64(bytes[count &- 1]) &<< UInt64(truncatingIfNeeded: 8 &* (count &- 1))
            high = length
        default: return nil
        }
    }
}
