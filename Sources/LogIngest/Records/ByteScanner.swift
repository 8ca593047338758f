#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Finds the next of two bytes, eight at a time in a machine word.
///
/// Here and elsewhere `RawSpan` checks the bounds of each load; the loads are called unsafe for the types they make of
/// bytes, and any bytes make an integer.
struct ByteScanner {
    private let first: UInt64
    private let second: UInt64
    private let a: UInt8
    private let b: UInt8

    /// A scanner for `a` and `b`, which may be equal.
    init(_ a: UInt8, or b: UInt8) {
        self.a = a
        self.b = b
        first = UInt64(a) &* Self.ones
        second = UInt64(b) &* Self.ones
    }

    /// Place of the first such byte at or after `start`; `bytes.byteCount` if there is none.
    @inline(__always)
    func next(in bytes: RawSpan, from start: Int) -> Int {
        var position = start
        let end = bytes.byteCount
        while position &+ 8 <= end {
            let word = UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self))
            let hits = Self.zeroBytes(word ^ first) | Self.zeroBytes(word ^ second)
            if hits != 0 { return position &+ hits.trailingZeroBitCount / 8 }
            position &+= 8
        }
        while position < end {
            let byte = bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self)
            if byte == a || byte == b { return position }
            position &+= 1
        }
        return end
    }

    /// High bits of the bytes that are 0. Bytes above the lowest such one may be marked wrongly (a borrow runs through
    /// them), so only the lowest mark counts.
    @inline(__always)
    private static func zeroBytes(_ word: UInt64) -> UInt64 {
        (word &- ones) & ~word & highs
    }

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080
}

extension RawSpan {
    /// Whether one of the bytes is `byte`.
    func contains(_ byte: UInt8) -> Bool {
        withUnsafeBytes { bytes in
            // All of the span's bytes, and no more.
            bytes.baseAddress.map { memchr($0, Int32(byte), bytes.count) != nil } ?? false
        }
    }
}
