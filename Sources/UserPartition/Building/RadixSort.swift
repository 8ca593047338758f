/// Sorting of 64-bit entries by their upper half.
enum RadixSort {
    /// Sorts by the upper 32 bits; entries that agree in them keep their order, which must be that of their lower bits.
    ///
    /// Cost: at most three passes, and as much memory again.
    static func sortByUpperHalf(_ entries: inout [UInt64]) {
        // Three tables of 2,048 places take longer than a few comparisons.
        guard entries.count > 512 else { return entries.sort() }
        var other = [UInt64](repeating: 0, count: entries.count)
        for (shift, bits) in [(32, 11), (43, 11), (54, 10)] as [(UInt64, UInt64)] {
            let mask = UInt64(1) << bits - 1
            var ends = [Int](repeating: 0, count: Int(mask) + 2)
            for entry in entries { ends[Int(entry >> shift & mask) + 1] += 1 }
            if ends.contains(entries.count) { continue }
            for digit in 1..<ends.count { ends[digit] += ends[digit - 1] }
            for entry in entries {
                let digit = Int(entry >> shift & mask)
                other[ends[digit]] = entry
                ends[digit] += 1
            }
            swap(&entries, &other)
        }
    }
}
