/// A shuffle of the numbers below a count that needs no memory: gives ids to ranks, so that an id does not tell how active
/// its user or how popular its item is.
///
/// Three rounds of odd multiplication and right shift-xor, each a bijection of the smallest power of two that holds the
/// count; a number that falls outside the count goes round again (cycle walking, fewer than two turns on average).
struct IdPermutation {
    private let count: UInt64
    private let mask: UInt64
    private let shift: UInt64
    private let keys: (UInt64, UInt64, UInt64)

    /// A shuffle of 0..<`count`, with a count of at least 1.
    init(count: Int, seed: UInt64, _ purpose: RandomStream.Purpose) {
        precondition(count >= 1)
        self.count = UInt64(count)
        let bits = UInt64.bitWidth - UInt64(count - 1).leadingZeroBitCount
        mask = (1 << UInt64(bits)) - 1
        shift = UInt64(max(1, (bits + 1) / 2))
        var random = RandomStream(seed: seed, purpose)
        keys = (random.next(), random.next(), random.next())
    }

    /// The id, 1...count, of a rank, 0..<count.
    @inline(__always)
    func id(ofRank rank: Int) -> Int {
        var x = UInt64(truncatingIfNeeded: rank)
        repeat {
            x = round(x, keys.0)
            x = round(x, keys.1)
            x = round(x, keys.2)
        } while x >= count
        return Int(truncatingIfNeeded: x) &+ 1
    }

    @inline(__always)
    private func round(_ x: UInt64, _ key: UInt64) -> UInt64 {
        let product = ((x ^ (key >> 32)) &* (key | 1)) & mask
        return product ^ (product >> shift)
    }
}
