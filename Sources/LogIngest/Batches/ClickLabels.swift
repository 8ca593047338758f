import Samples

/// A worker's look at the clicks: which samples have one.
struct ClickLabels {
    private let table: ClickTable
    private let columns: [Int]
    private var key = CompoundKey()

    /// `columns` are those of `WantedColumns` that hold the samples' key.
    init(_ table: ClickTable, columns: [Int]) {
        self.table = table
        self.columns = columns
    }

    /// Labels of some rows, with the clicks that they have. `places` are those of the wanted columns in the block, `times`
    /// the rows' own.
    mutating func labels(
        _ rows: Range<Int>, of block: RecordBlock, at places: [Int], times: [Int64]
    ) -> (labels: [Float], clicks: [Range<UInt32>]) {
        var labels: [Float] = []
        var clicks: [Range<UInt32>] = []
        labels.reserveCapacity(rows.count)
        let columns = columns.map { places[$0] }
        let table = table
        for (index, row) in rows.enumerated() {
            let found = key.withKey(of: block, row: row, columns: columns) { table.clicks(on: $0, at: times[index]) }
            if let found { clicks.append(found) }
            labels.append(found == nil ? 0 : 1)
        }
        return (labels, clicks)
    }
}
