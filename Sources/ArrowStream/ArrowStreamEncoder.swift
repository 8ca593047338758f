/// Writes an Arrow IPC stream: `start`, then `encode` for each batch, then `end`.
///
/// The stream has metadata of version 5, is not compressed, and every message and buffer starts at a multiple of 64
/// bytes. The bytes of a batch depend on that batch alone, so batches may also be encoded apart and joined in order.
///
/// Every type of `ArrowType` can be written but `float16` and `utf8View`; dictionary columns must be at the top level.
public struct ArrowStreamEncoder: Sendable {
    /// What the batches hold.
    public let schema: ArrowSchema
    /// The values of each dictionary column, by the column's index.
    private let dictionaries: [Int: ArrowColumn]

    /// An encoder for batches of `schema`. `dictionaries` gives the values of each dictionary column, by the column's
    /// index; all batches use these.
    public init(schema: ArrowSchema, dictionaries: [Int: ArrowColumn] = [:]) {
        for (index, field) in schema.fields.enumerated() {
            guard case .dictionary = field.type else { continue }
            precondition(dictionaries[index] != nil, "a dictionary column needs its values")
        }
        self.schema = schema
        self.dictionaries = dictionaries
    }

    /// The schema and the dictionaries.
    public func start() -> [UInt8] {
        var writer = SchemaWriter()
        var bytes = writer.message(schema)
        for (index, field) in schema.fields.enumerated() {
            guard case .dictionary(_, let type) = field.type, let values = dictionaries[index] else { continue }
            var body = RecordBatchWriter()
            body.append(values, type)
            bytes += body.message(count: values.count, metadata: [:], dictionaryID: Int64(index))
        }
        return bytes
    }

    /// One batch of the schema.
    public func encode(_ batch: ArrowBatch) -> [UInt8] {
        precondition(batch.schema == schema, "a stream has one schema")
        var writer = RecordBatchWriter()
        for (index, field) in schema.fields.enumerated() {
            if case .dictionary(_, let values) = batch.columns[index].values {
                precondition(values == dictionaries[index], "a stream's dictionary columns keep their values")
            }
            writer.append(batch.columns[index], field.type)
        }
        return writer.message(count: batch.count, metadata: batch.metadata, dictionaryID: nil)
    }

    /// The end-of-stream marker.
    public func end() -> [UInt8] { [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0] }
}
