/// Numbers the distinct ids of one field 1, 2, … in order of first appearance: the rows of a restricted table.
///
/// Open addressing with linear probing in a table at most half full; an insertion or look-up is a few nanoseconds.
struct IDIndex: Sendable {
    /// The id of each row; row 0 stands for id 0.
    private(set) var ids: [UInt32]
    /// Id in the high half, row in the low; 0: free.
    private var slots: [UInt64]
    private var shift: UInt32

    /// Room for no id yet.
    init() {
        ids = [0]
        slots = [0]
        shift = 32
    }

    /// Forgets all ids and makes room for `capacity` distinct ones; allocates only to grow.
    mutating func clear(capacity: Int) {
        let bits = Int.bitWidth - max(1, 2 * capacity - 1).leadingZeroBitCount
        precondition(bits <= 32, "too many ids")
        slots.removeAll(keepingCapacity: true)
        slots.append(contentsOf: repeatElement(0, count: 1 << bits))
        shift = UInt32(32 - bits)
        ids.removeAll(keepingCapacity: true)
        ids.append(0)
    }

    /// The rows of `ids`, new ones for those that have none; 0 for id 0 and for ids that are not below `bound`. At most
    /// `capacity` distinct ids come.
    mutating func insert(_ newIDs: ArraySlice<UInt32>, below bound: Int, into rows: inout [UInt32]) {
        let (shift, mask, start) = (shift, slots.count - 1, rows.count)
        var count = ids.count
        rows.append(contentsOf: repeatElement(0, count: newIDs.count))
        ids.append(contentsOf: repeatElement(0, count: newIDs.count))
        slots.withUnsafeMutableBufferPointer { slots in
            ids.withUnsafeMutableBufferPointer { ids in
                rows.withUnsafeMutableBufferPointer { rows in
                    for (place, id) in zip(start..., newIDs) where id > 0 && Int(id) < bound {
                        var slot = Self.firstSlot(of: id, shift)
                        // A table at most half full has a free slot at which this ends.
                        while slots[slot] != 0 && slots[slot] >> 32 != UInt64(id) { slot = (slot + 1) & mask }
                        if slots[slot] == 0 {
                            slots[slot] = UInt64(id) << 32 | UInt64(count)
                            ids[count] = id
                            count += 1
                        }
                        rows[place] = UInt32(truncatingIfNeeded: slots[slot])
                    }
                }
            }
        }
        ids.removeLast(ids.count - count)
    }

    /// The row of `id`; 0 if it has none.
    func row(of id: UInt32) -> UInt32 {
        if id == 0 { return 0 }
        var slot = Self.firstSlot(of: id, shift)
        while slots[slot] != 0 && slots[slot] >> 32 != UInt64(id) { slot = (slot + 1) & (slots.count - 1) }
        return UInt32(truncatingIfNeeded: slots[slot])
    }

    /// Where `id` is looked for first.
    @inline(__always)
    private static func firstSlot(of id: UInt32, _ shift: UInt32) -> Int {
        // Fibonacci hashing: the product's high bits are well spread.
        Int((id &* 0x9E37_79B1) >> shift)
    }
}
