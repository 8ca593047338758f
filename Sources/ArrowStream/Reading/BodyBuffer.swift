/// One buffer of a message's body, not compressed. Reads check that the buffer is long enough; nil says it is not.
struct BodyBuffer {
    private let bytes: [UInt8]
    private let range: Range<Int>

    /// The part `range` of `bytes`; lies in it.
    init(_ bytes: [UInt8], _ range: Range<Int>) {
        precondition(range.upperBound <= bytes.count)
        self.bytes = bytes
        self.range = range
    }

    /// Number of bytes.
    var count: Int { range.count }

    /// The bytes; no copy.
    var slice: ArraySlice<UInt8> { bytes[range] }

    /// The first `count` numbers.
    ///
    /// Copies memory as it is: Arrow's streams are little-endian (the schema says so, and is checked), and so is every
    /// platform that Swift supports.
    func numbers<Number: Numeric & BitwiseCopyable>(_ count: Int, as type: Number.Type) -> [Number]? {
        let byteCount = count * MemoryLayout<Number>.stride
        guard byteCount <= self.count else { return nil }
        // Safe: `byteCount` bytes lie in `range` (checked above) and in the new array (its capacity), the two do not
        // overlap, and any bits are a valid `Number`.
        return [Number](unsafeUninitializedCapacity: count) { numbers, initialized in
            bytes.withUnsafeBytes { bytes in
                let source = UnsafeRawBufferPointer(rebasing: bytes[range.lowerBound..<range.lowerBound + byteCount])
                UnsafeMutableRawBufferPointer(numbers).copyMemory(from: source)
            }
            initialized = count
        }
    }

    /// The first `count` bits, least significant bit of each byte first.
    func bits(_ count: Int) -> [Bool]? {
        guard (count + 7) / 8 <= self.count else { return nil }
        let slice = slice
        let start = slice.startIndex
        return [Bool](unsafeUninitializedCapacity: count) { bits, initialized in
            for index in 0..<count {
                bits[index] = slice[start + index >> 3] >> UInt8(truncatingIfNeeded: index & 7) & 1 == 1
            }
            initialized = count
        }
    }
}
