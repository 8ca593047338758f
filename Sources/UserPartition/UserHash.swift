import Samples

/// The fixed hash that sends a user to a bucket: part of the store's format, the same on every machine and in every
/// version.
///
/// An integer key passes the finalizer of SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
/// Generators", 2014); text is first folded by 64-bit FNV-1a over its UTF-8 bytes. The hash `h`, read as the fraction
/// `h / 2⁶⁴`, falls into one of the equal slices of 0..<1 that are the buckets.
enum UserHash {
    static func hash(_ key: Int64) -> UInt64 {
        mix(UInt64(bitPattern: key))
    }

    static func hash(utf8: some Sequence<UInt8>) -> UInt64 {
        var folded: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in utf8 { folded = (folded ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return mix(folded)
    }

    /// The bucket of a hash, 0..<`count`.
    static func bucket(_ hash: UInt64, of count: Int) -> Int {
        Int(hash.multipliedFullWidth(by: UInt64(count)).high)
    }

    /// The bucket of one key.
    static func bucket(of key: UserKey, of count: Int) -> Int {
        switch key {
        case .integer(let value): bucket(hash(value), of: count)
        case .text(let text): bucket(hash(utf8: text.utf8), of: count)
        }
    }

    /// The bucket of each row.
    static func buckets(of users: KeyColumn, of count: Int) -> [Int] {
        switch users {
        case .integers(let values): values.map { bucket(hash($0), of: count) }
        case .text(let values):
            (0..<values.count).map { bucket(hash(utf8: values.utf8($0)), of: count) }
        }
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value &+ 0x9e37_79b9_7f4a_7c15
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
