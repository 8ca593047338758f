/// The rows of a batch by the length of their histories, longest first and else in order: those that have a position
/// `step` are the first few.
struct HistoryOrder {
    private let order: [Int32]
    /// How many rows have a position of each step.
    private let counts: [Int]

    init(_ batch: Batch) {
        var longest = 0
        for row in 0..<batch.count { longest = max(longest, batch.positions(of: row).count) }
        var counts = [Int](repeating: 0, count: longest)
        // By counting: a row comes after all that are longer.
        var ends = [Int](repeating: 0, count: longest + 2)
        for row in 0..<batch.count { ends[longest - batch.positions(of: row).count + 1] += 1 }
        for index in 1..<ends.count { ends[index] += ends[index - 1] }
        for step in counts.indices { counts[step] = ends[longest - step] }
        var order = [Int32](repeating: 0, count: batch.count)
        for row in 0..<batch.count {
            let place = longest - batch.positions(of: row).count
            order[ends[place]] = Int32(row)
            ends[place] += 1
        }
        self.order = order
        self.counts = counts
    }

    /// Positions of the longest history.
    var steps: Int { counts.count }

    /// The rows that have a position `step`, 0 ≤ step < steps.
    func rows(at step: Int) -> ArraySlice<Int32> { order[..<counts[step]] }
}
