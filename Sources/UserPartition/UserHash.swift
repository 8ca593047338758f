import Samples

/// The fixed hash that gives a user its place in a store: part of the store's format, the same on every machine and in
/// every version.
///
/// An integer key passes the finalizer of SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
/// Generators", 2014); text is first folded by 64-bit FNV-1a over its UTF-8 bytes. The hash `h`, read as the fraction
/// `h / 2⁶⁴`, falls into one of the equal slices of 0..<1 that are the buckets. Within a bucket users stand by rising hash,
/// those of equal hash by key.
enum UserHash {
    static func hash(_ key: Int64) -> UInt64 {
        mix(UInt64(bitPattern: key))
    }

    static func hash(utf8: some Sequence<UInt8>) -> UInt64 {
        var folded: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in utf8 { folded = (folded ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return mix(folded)
    }

    static func hash(_ key: UserKey) -> UInt64 {
        switch key {
        case .integer(let value): hash(value)
        case .text(let text): hash(utf8: text.utf8)
        }
    }

    /// The hash of one row's key.
    static func hash(_ row: Int, of users: KeyColumn) -> UInt64 {
        switch users {
        case .integers(let values): hash(values[row])
        case .text(let values): hash(utf8: values.utf8(row))
        }
    }

    /// The hash of each row's key.
    static func hashes(of users: KeyColumn) -> [UInt64] {
        switch users {
        case .integers(let values): values.map { hash($0) }
        case .text(let values): (0..<values.count).map { hash(utf8: values.utf8($0)) }
        }
    }

    /// The slice, 0..<`count`, that a hash falls into: the bucket of a store of so many.
    static func slice(_ hash: UInt64, of count: Int) -> Int {
        Int(hash.multipliedFullWidth(by: UInt64(count)).high)
    }

    /// How far into its slice a hash lies, as a fraction of 2⁶⁴: it orders the hashes of a slice.
    static func placeInSlice(_ hash: UInt64, of count: Int) -> UInt64 {
        hash &* UInt64(count)
    }

    /// A second hash, as good as independent of the first: for choices that must not depend on the bucket.
    static func choice(_ hash: UInt64, salt: UInt64) -> UInt64 {
        mix(hash ^ mix(salt))
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value &+ 0x9e37_79b9_7f4a_7c15
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

extension KeyColumn {
    /// Whether one row's user stands before another's in a bucket: by hash, then by key. `hash` and `otherHash` are theirs.
    func standsBefore(
        _ row: Int, hash: UInt64, _ other: KeyColumn, _ otherRow: Int, hash otherHash: UInt64
    ) -> Bool {
        hash != otherHash ? hash < otherHash : precedes(row, other, otherRow)
    }

    /// Whether one row's key comes before that of a row of another column of the same kind, as `UserKey` orders them.
    func precedes(_ row: Int, _ other: KeyColumn, _ otherRow: Int) -> Bool {
        switch (self, other) {
        case (.integers(let values), .integers(let others)): values[row] < others[otherRow]
        case (.text(let values), .text(let others)):
            values.utf8(row).lexicographicallyPrecedes(others.utf8(otherRow))
        default: preconditionFailure("a stream's user keys are all integers or all text")
        }
    }
}
