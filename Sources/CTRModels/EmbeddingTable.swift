/// The learned numbers of one field's ids: `rows` × `width`, row-major.
///
/// A row holds an id's embedding and then, where the model has one, its first-order weight: one place in memory an id.
/// Row 0 is "missing or unseen" and all zeros.
public struct EmbeddingTable: Sendable, Hashable {
    /// Number of rows, with row 0.
    public internal(set) var rows: Int
    /// Numbers a row.
    public let width: Int
    /// All rows; `rows * width` numbers.
    public var values: [Float]

    /// A table of zeros.
    public init(rows: Int, width: Int) {
        self.init(rows: rows, width: width, values: [Float](repeating: 0, count: rows * width))
    }

    init(rows: Int, width: Int, values: [Float]) {
        self.rows = rows
        self.width = width
        self.values = values
    }

    /// One row; no copy.
    public subscript(row: Int) -> ArraySlice<Float> {
        self[row, 0..<width]
    }

    /// Some columns of one row; no copy.
    public subscript(row: Int, columns: Range<Int>) -> ArraySlice<Float> {
        values[row * width + columns.lowerBound..<row * width + columns.upperBound]
    }
}
