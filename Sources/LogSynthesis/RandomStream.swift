/// Steele, Lea and Flood's SplitMix64 ("Fast Splittable Pseudorandom Number Generators", OOPSLA 2014), as a stream for what
/// is drawn row by row and as a hash for what is a fixed truth of a user or an item.
///
/// The constants are part of the format of a synthetic log: a seed stands for the same bytes in every version.
struct RandomStream {
    private var state: UInt64

    /// What the numbers are for; each purpose has streams of its own under one seed.
    enum Purpose: UInt64 {
        case rows = 1
        case userIds, itemIds, localCTR, category, appeal, preference
    }

    /// The stream of one purpose.
    init(seed: UInt64, _ purpose: Purpose) {
        state = Self.hash(seed &+ Self.mix(purpose.rawValue))
    }

    /// The stream of one thing, such as a user.
    init(_ key: UInt64, _ thing: Int) {
        state = Self.hash(key, thing)
    }

    /// The next 64 bits.
    @inline(__always)
    mutating func next() -> UInt64 {
        state &+= Self.step
        return Self.mix(state)
    }

    /// A number above 0 and below 1: the middle of one of 2^52 equal cells.
    @inline(__always)
    mutating func nextUniform() -> Double {
        Self.uniform(next())
    }

    /// 64 bits fixed by a key and the number of a thing.
    @inline(__always)
    static func hash(_ key: UInt64, _ thing: Int) -> UInt64 {
        hash(key &+ UInt64(truncatingIfNeeded: thing) &* 0xD6E8_FEB8_6659_FD93)
    }

    /// A number above 0 and below 1 from 64 bits: the middle of one of 2^52 equal cells.
    @inline(__always)
    static func uniform(_ bits: UInt64) -> Double {
        (Double(bits >> 12) + 0.5) * 0x1p-52
    }

    private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

    @inline(__always)
    private static func hash(_ value: UInt64) -> UInt64 {
        mix(value &+ step)
    }

    @inline(__always)
    private static func mix(_ value: UInt64) -> UInt64 {
        var bits = value
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}
