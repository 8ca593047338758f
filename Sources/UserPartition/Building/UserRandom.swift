/// One user's random numbers: SplitMix64 (Steele, Lea and Flood 2014), begun with a hash of the user's key and a seed.
struct UserRandom {
    private var state: UInt64

    /// The numbers of the user with this hash.
    init(hash: UInt64, seed: UInt64) {
        state = UserHash.choice(hash, salt: seed)
    }

    /// A number of 0..<`bound`; each as likely, but for less than one part in 2⁶⁴ / `bound`.
    mutating func below(_ bound: UInt64) -> UInt64 {
        let number = UserHash.hash(Int64(bitPattern: state))
        state &+= 0x9e37_79b9_7f4a_7c15
        return number.multipliedFullWidth(by: bound).high
    }
}
