/// Steele, Lea and Flood's SplitMix64 ("Fast Splittable Pseudorandom Number Generators", OOPSLA 2014): 64 bits of
/// state, period 2^64. The one source of randomness in training: the same seed gives the same numbers on every machine.
public struct SplitMix64: RandomNumberGenerator, Sendable, Hashable {
    private var state: UInt64

    /// A stream; different seeds give unrelated streams.
    public init(seed: UInt64) {
        state = seed
    }

    /// A stream of its own for each `name` under one seed, so that adding a tensor changes no other tensor's start.
    public init(seed: UInt64, name: String) {
        // FNV-1a over the name's bytes, then one step of the generator to spread it.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        var mixer = SplitMix64(seed: hash)
        self.init(seed: seed ^ mixer.next())
    }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= Self.increment
        return Self.mix(state)
    }

    /// A number in [0, 1), evenly spread over multiples of 2^-53.
    public mutating func nextUniform() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// A standard normal number (Box and Muller 1958, the cosine half).
    public mutating func nextNormal() -> Double {
        // 1 - u lies in (0, 1], so the logarithm is finite.
        let radius = (-2 * CMath.logarithm(1 - nextUniform())).squareRoot()
        return radius * CMath.cosine(2 * .pi * nextUniform())
    }

    /// What the state grows by: the odd number nearest to 2^64 over the golden ratio.
    static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// 64 well-mixed bits of 64 others, one to one.
    @inline(__always)
    static func mix(_ value: UInt64) -> UInt64 {
        var bits = value
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}
