/// Numbers the distinct ids of one field 1, 2, … in order of first appearance: the rows of a restricted table.
///
/// Open addressing with linear probing in a table at most half full; an insertion or look-up is a few nanoseconds.
struct IDIndex: Sendable {
    /// The id of each row; row 0 stands for id 0.
    private(set) var ids: [UInt32]
    /// Id in the high half, row in the low; 0: free.
    private var slots: [UInt64]
    private let shift: UInt32

    /// Room for `capacity` distinct ids.
    init(capacity: Int) {
        let bits = Int.bitWidth - max(1, 2 * capacity - 1).leadingZeroBitCount
        precondition(bits <= 32, "too many ids")
        slots = [UInt64](repeating: 0, count: 1 << bits)
        shift = UInt32(32 - bits)
        ids = []
        ids.reserveCapacity(capacity + 1)
        ids.append(0)
    }

    /// The row of `id`, a new one if it has none; 0 for id 0. At most `capacity` distinct ids come.
    mutating func insert(_ id: UInt32) -> UInt32 {
        if id == 0 { return 0 }
        let slot = slot(of: id)
        if slots[slot] == 0 {
            slots[slot] = UInt64(id) << 32 | UInt64(ids.count)
            ids.append(id)
        }
        return UInt32(truncatingIfNeeded: slots[slot])
    }

    /// The row of `id`; 0 if it has none.
    func row(of id: UInt32) -> UInt32 {
        id == 0 ? 0 : UInt32(truncatingIfNeeded: slots[slot(of: id)])
    }

    /// Where `id` is, or the free place where it would be.
    private func slot(of id: UInt32) -> Int {
        // Fibonacci hashing: the product's high bits are well spread.
        var slot = Int((id &* 0x9E37_79B1) >> shift)
        while slots[slot] != 0 && slots[slot] >> 32 != UInt64(id) { slot = (slot + 1) & (slots.count - 1) }
        return slot
    }
}
