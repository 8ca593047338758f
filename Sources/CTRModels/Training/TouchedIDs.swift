/// Numbers the distinct ids that come 0, 1, 2, … in order of first touch: open addressing with linear probing, at most
/// half full. Its memory goes with the ids that come, not with the ids that there are.
struct TouchedIDs: Sendable {
    /// Number of distinct ids.
    private(set) var count = 0
    // The first `count` are in use; the rest is capacity.
    private var storage: [UInt32] = []
    /// An id's number plus 1; 0: free. A power of two of them, at least two for each id there is room for.
    private var slots: [Int32] = []
    private var hash = Hash(bits: 0, isPlain: true)
    private var isPlainHash = true

    /// Where an id is looked for first.
    struct Hash: Sendable {
        private let multiplier: UInt32
        private let shift: UInt32
        let mask: Int

        /// Over 2^`bits` slots. A plain one, for ids that are all smaller than that, is the id itself: none collide.
        init(bits: Int, isPlain: Bool) {
            precondition(bits < 32, "too many ids")
            // Fibonacci hashing: the product's high bits are well spread.
            multiplier = isPlain ? 1 : 0x9E37_79B1
            shift = isPlain ? 0 : UInt32(32 - bits)
            mask = 1 << bits - 1
        }

        @inline(__always)
        func slot(_ id: UInt32) -> Int { Int((id &* multiplier) &>> shift) }
    }

    /// The ids in order of first touch.
    var ids: ArraySlice<UInt32> { storage[..<count] }

    /// Forgets all ids. Cost: the slots, four bytes each, of the most ids there was ever room for.
    mutating func clear() {
        if count == 0 { return }
        slots.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
        count = 0
    }

    /// Makes room for `more` new ids, all below `bound`; allocates only to grow.
    mutating func reserve(_ more: Int, below bound: Int) {
        let most = min(bound, count + more)
        if most > storage.count {
            let grown = min(bound, max(most, 2 * storage.count))
            storage.append(contentsOf: repeatElement(0, count: grown - storage.count))
        }
        // As many slots as ids that there are, where that is not more: then every id has its own.
        let needed = min(max(2 * most, 2), max(bound, 1))
        let isPlain = bound <= slots.count
        if needed <= slots.count && isPlain == isPlainHash { return }
        var bits = Int.bitWidth - (needed - 1).leadingZeroBitCount
        bits = max(bits, Int.bitWidth - max(slots.count - 1, 0).leadingZeroBitCount)
        isPlainHash = bound <= 1 << bits
        hash = Hash(bits: bits, isPlain: isPlainHash)
        if slots.count < 1 << bits { slots.append(contentsOf: repeatElement(0, count: 1 << bits - slots.count)) }
        rehash()
    }

    private mutating func rehash() {
        slots.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
        for place in 0..<count {
            var slot = hash.slot(storage[place])
            while slots[slot] != 0 { slot = (slot + 1) & hash.mask }
            slots[slot] = Int32(truncatingIfNeeded: place + 1)
        }
    }

    /// Runs `body` with the means to number ids, of which at most as many new ones come as there was room made for.
    mutating func withNumbering(_ body: (inout Numbering) -> Void) {
        let (hash, count) = (hash, count)
        self.count = slots.withUnsafeMutableBufferPointer { slots in
            storage.withUnsafeMutableBufferPointer { ids in
                // Without room there is nothing to number.
                guard let slots = slots.baseAddress, let ids = ids.baseAddress else { return count }
                var numbering = Numbering(slots: slots, ids: ids, hash: hash, count: count)
                body(&numbering)
                return numbering.count
            }
        }
    }

    /// Runs `body` on the ids.
    func withIDs<Result>(_ body: (UnsafeBufferPointer<UInt32>) -> Result) -> Result {
        storage.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[..<count])) }
    }

    /// Gives ids their numbers. Valid only inside `withNumbering`; `reserve` has sized the buffers so that a probe
    /// ends.
    struct Numbering {
        fileprivate let slots: UnsafeMutablePointer<Int32>
        fileprivate let ids: UnsafeMutablePointer<UInt32>
        fileprivate let hash: Hash
        /// Number of distinct ids so far.
        fileprivate(set) var count: Int

        /// The number of `id`; `isNew` if this is its first touch.
        @inline(__always)
        mutating func number(_ id: UInt32) -> (number: Int, isNew: Bool) {
            var slot = hash.slot(id)
            while true {
                let place = Int(slots[slot])
                if place == 0 {
                    ids[count] = id
                    count += 1
                    slots[slot] = Int32(truncatingIfNeeded: count)
                    return (count - 1, true)
                }
                if ids[place - 1] == id { return (place - 1, false) }
                slot = (slot + 1) & hash.mask
            }
        }
    }
}
