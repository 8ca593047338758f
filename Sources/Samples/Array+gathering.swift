extension Array where Element: BitwiseCopyable {
    /// Appends the elements of `other` at the places `rows`, in that order; all of them lie in it.
    ///
    /// One check of the greatest place stands for a check of each.
    mutating func append(gathering rows: ArraySlice<UInt32>, of other: [Element]) {
        guard let greatest = rows.max(), let any = other.first else {
            precondition(rows.isEmpty, "a row that is not there")
            return
        }
        precondition(Int(greatest) < other.count, "a row that is not there")
        let start = count
        append(contentsOf: repeatElement(any, count: rows.count))
        withUnsafeMutableBufferPointer { elements in
            other.withUnsafeBufferPointer { other in
                rows.withUnsafeBufferPointer { rows in
                    // `elements` ends `rows.count` behind `start`, and no row is above `greatest`, which lies in `other`.
                    guard let target = elements.baseAddress, let source = other.baseAddress else { return }
                    for (place, row) in rows.enumerated() { target[start + place] = source[Int(row)] }
                }
            }
        }
    }
}
