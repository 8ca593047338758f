/// The items of one user's train part. Its memory is used again for the next user.
///
/// Open addressing with linear probing in a table at most half full: some nanoseconds an item, where a `Set` takes fifty.
struct SeenItems: Sendable {
    /// Items, each at or behind its place; 0 is free, as no item has the id 0.
    private var slots: [UInt32] = []
    private var shift: UInt32 = 32

    /// Becomes the set of some items; 0, a missing one, is none of them.
    mutating func assign(_ items: ArraySlice<UInt32>) {
        let bits = Int.bitWidth - max(1, 2 * items.count - 1).leadingZeroBitCount
        shift = UInt32(32 - bits)
        slots.removeAll(keepingCapacity: true)
        slots.append(contentsOf: repeatElement(0, count: 1 << bits))
        for item in items where item != 0 { slots[slot(of: item)] = item }
    }

    /// Whether an item is one of them; false for 0.
    func contains(_ item: UInt32) -> Bool { item != 0 && slots[slot(of: item)] == item }

    /// Where an item is, or the free place where it would be.
    private func slot(of item: UInt32) -> Int {
        // Fibonacci hashing: the product's high bits are well spread.
        var slot = Int((item &* 0x9E37_79B1) >> shift)
        while slots[slot] != 0 && slots[slot] != item { slot = (slot + 1) & (slots.count - 1) }
        return slot
    }
}
