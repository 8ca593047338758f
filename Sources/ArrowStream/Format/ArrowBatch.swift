/// A record batch: some rows as one array a column.
public struct ArrowBatch: Sendable, Hashable {
    /// What the columns are; the same for every batch of a stream.
    public let schema: ArrowSchema
    /// One column a field of the schema, each of `count` rows.
    public var columns: [ArrowColumn]
    /// Number of rows.
    public let count: Int
    /// Notes on this batch (the message's `custom_metadata`), by key.
    public var metadata: [String: String]

    /// A batch over whole columns, all of `count` rows.
    public init(_ schema: ArrowSchema, columns: [ArrowColumn], count: Int, metadata: [String: String] = [:]) {
        precondition(columns.count == schema.fields.count)
        precondition(columns.allSatisfy { $0.count == count })
        self.schema = schema
        self.columns = columns
        self.count = count
        self.metadata = metadata
    }
}
