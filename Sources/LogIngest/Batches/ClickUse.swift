/// Which clicks some sample had. What was marked first makes no difference.
struct ClickUse {
    /// For each click the end of the longest range marked that starts with it; 0 if none does.
    private var ends: [UInt32]

    /// None of so many.
    init(clickCount: Int) {
        ends = Array(repeating: 0, count: clickCount)
    }

    /// Number of clicks.
    var count: Int { ends.count }

    /// A sample has these. Cost: constant, however many they are.
    @inline(__always)
    mutating func mark(_ clicks: Range<UInt32>) {
        let first = Int(clicks.lowerBound)
        ends[first] = max(ends[first], clicks.upperBound)
    }

    /// How many no sample had.
    var unusedCount: Int {
        var end = 0
        var unused = 0
        for (click, reach) in ends.enumerated() {
            end = max(end, Int(reach))
            if click >= end { unused += 1 }
        }
        return unused
    }
}
