/// UTF-8 strings end to end in one buffer: row `i` is `bytes[offsets[i]..<offsets[i + 1]]`.
public struct TextColumn: Sendable, Hashable {
    /// `count + 1` offsets into `bytes`, rising from 0.
    public private(set) var offsets: [Int32]
    /// All rows' bytes; valid UTF-8.
    public private(set) var bytes: [UInt8]

    /// An empty column.
    public init() {
        offsets = [0]
        bytes = []
    }

    /// A column over checked buffers: `offsets` starts at 0, never falls and ends at `bytes.count`.
    public init(offsets: [Int32], bytes: [UInt8]) {
        precondition(offsets.first == 0 && offsets.last.map(Int.init) == bytes.count)
        self.offsets = offsets
        self.bytes = bytes
    }

    /// A column of strings.
    public init(_ strings: some Sequence<String>) {
        self.init()
        for string in strings { append(string) }
    }

    /// Number of rows.
    public var count: Int { offsets.count - 1 }

    /// Bytes held, for bounds on memory.
    public var byteCount: Int { bytes.count + offsets.count * 4 }

    /// One row as a string; copies.
    public subscript(row: Int) -> String {
        String(decoding: bytes[Int(offsets[row])..<Int(offsets[row + 1])], as: UTF8.self)
    }

    /// One row's bytes; no copy.
    public func utf8(_ row: Int) -> ArraySlice<UInt8> {
        bytes[Int(offsets[row])..<Int(offsets[row + 1])]
    }

    /// Whether two rows hold the same bytes.
    public func isEqual(_ row: Int, to other: TextColumn, _ otherRow: Int) -> Bool {
        utf8(row).elementsEqual(other.utf8(otherRow))
    }

    /// Appends one row. The column may hold at most 2 GiB.
    public mutating func append(_ string: String) {
        append(utf8: string.utf8)
    }

    /// Appends one row of valid UTF-8. The column may hold at most 2 GiB.
    public mutating func append(utf8 text: some Collection<UInt8>) {
        bytes.append(contentsOf: text)
        offsets.append(Int32(bytes.count))
    }

    /// Appends rows of another column, which must fit. Cost: one copy of their bytes.
    public mutating func append(contentsOf rows: Range<Int>, of other: TextColumn) {
        let taken = other.byteRange(rows)
        let base = Int32(bytes.count) - other.offsets[rows.lowerBound]
        bytes.append(contentsOf: other.bytes[taken])
        for row in rows { offsets.append(other.offsets[row + 1] + base) }
    }

    /// Whether rows of another column can be appended: `limit` is the most bytes that there may be afterwards.
    public func fits(
        _ rows: Range<Int>, of other: TextColumn, limit: Int = SampleBatch.columnLimit
    ) -> Bool {
        bytes.count + other.byteRange(rows).count <= limit
    }

    /// Appends the rows named by `rows`, in that order, of another column; they must fit.
    public mutating func append(gathering rows: ArraySlice<UInt32>, of other: TextColumn) {
        offsets.reserveCapacity(offsets.count + rows.count)
        for row in rows { append(utf8: other.utf8(Int(row))) }
    }

    /// Where the bytes of some rows stand.
    private func byteRange(_ rows: Range<Int>) -> Range<Int> {
        Int(offsets[rows.lowerBound])..<Int(offsets[rows.upperBound])
    }
}
