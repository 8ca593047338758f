extension SplitMix64 {
    /// Puts the elements into random order (Fisher and Yates); the order is part of what a seed stands for, so it does not
    /// rest on the standard library's.
    @inlinable
    public mutating func shuffle<Element>(_ elements: inout [Element]) {
        var left = elements.count
        while left > 1 {
            // The high half of the 128-bit product is uniform to within left · 2^-64.
            let pick = Int(next().multipliedFullWidth(by: UInt64(left)).high)
            left -= 1
            elements.swapAt(left, pick)
        }
    }
}
