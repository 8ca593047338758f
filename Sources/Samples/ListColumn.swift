/// Lists of ids end to end in one buffer: row `i` is `values[offsets[i]..<offsets[i + 1]]`.
public struct ListColumn: Sendable, Hashable {
    /// `count + 1` offsets into `values`, rising from 0.
    public private(set) var offsets: [Int32]
    /// All rows' ids.
    public private(set) var values: [UInt32]

    /// An empty column.
    public init() {
        offsets = [0]
        values = []
    }

    /// A column over checked buffers: `offsets` starts at 0, never falls and ends at `values.count`.
    public init(offsets: [Int32], values: [UInt32]) {
        precondition(offsets.first == 0 && offsets.last.map(Int.init) == values.count)
        self.offsets = offsets
        self.values = values
    }

    /// Number of rows.
    public var count: Int { offsets.count - 1 }

    /// Bytes held, for bounds on memory.
    public var byteCount: Int { (values.count + offsets.count) * 4 }

    /// One row's ids; no copy.
    public subscript(row: Int) -> ArraySlice<UInt32> {
        values[Int(offsets[row])..<Int(offsets[row + 1])]
    }

    /// Appends one row. The column may hold at most 2³¹ - 1 ids.
    public mutating func append(_ ids: some Collection<UInt32>) {
        values.append(contentsOf: ids)
        offsets.append(Int32(values.count))
    }

    /// Appends rows of another column, which must fit.
    public mutating func append(contentsOf rows: Range<Int>, of other: ListColumn) {
        let base = Int32(values.count) - other.offsets[rows.lowerBound]
        values.append(contentsOf: other.values[other.valueRange(rows)])
        for row in rows { offsets.append(other.offsets[row + 1] + base) }
    }

    /// Whether rows of another column can be appended: `limit` is the most ids that there may be afterwards.
    public func fits(
        _ rows: Range<Int>, of other: ListColumn, limit: Int = SampleBatch.columnLimit
    ) -> Bool {
        values.count + other.valueRange(rows).count <= limit
    }

    /// Appends the rows named by `rows`, in that order, of another column; they must fit.
    public mutating func append(gathering rows: ArraySlice<UInt32>, of other: ListColumn) {
        offsets.reserveCapacity(offsets.count + rows.count)
        for row in rows { append(other[Int(row)]) }
    }

    /// Where the ids of some rows stand.
    private func valueRange(_ rows: Range<Int>) -> Range<Int> {
        Int(offsets[rows.lowerBound])..<Int(offsets[rows.upperBound])
    }
}
