/// One message's metadata, read from its FlatBuffer.
struct ArrowMessage {
    enum Header {
        case schema(SchemaReader)
        case dictionaryBatch(id: Int64, isDelta: Bool, RecordBatchHeader)
        case recordBatch(RecordBatchHeader)
    }

    let header: Header
    /// Bytes of the body that follows.
    let bodyLength: Int
    /// The message's `custom_metadata`.
    let metadata: [String: String]

    /// A schema keeps the columns that `wanted` names; nil: all.
    init(_ bytes: [UInt8], wanted: Set<String>? = nil) throws(FormatFault) {
        let message = try FlatBufferReader(bytes).root()
        let version = try message.integer(MessageField.version, default: Int16(0))
        guard version == MetadataVersion.v4 || version == MetadataVersion.v5 else {
            throw FormatFault("the metadata has version V\(Int(version) + 1); V4 and V5 are read")
        }
        let length = try message.integer(MessageField.bodyLength, default: Int64(0))
        guard length >= 0 else { throw FormatFault("a message has a body of \(length) bytes") }
        guard length <= ArrowStreamDecoder.maximumBodyBytes else {
            throw FormatFault(
                "a message has a body of \(length) bytes; at most \(ArrowStreamDecoder.maximumBodyBytes) are read")
        }
        bodyLength = Int(length)
        metadata = try SchemaReader.keyValues(message, MessageField.metadata)
        guard let table = try message.table(MessageField.header) else { throw FormatFault("a message has no header") }
        switch try message.integer(MessageField.headerKind, default: UInt8(0)) {
        case MessageKind.schema: header = .schema(try SchemaReader(table, wanted: wanted))
        case MessageKind.recordBatch: header = .recordBatch(try RecordBatchHeader(table, bodyLength: bodyLength))
        case MessageKind.dictionaryBatch:
            guard let batch = try table.table(1) else { throw FormatFault("a dictionary message has no values") }
            header = .dictionaryBatch(
                id: try table.integer(0, default: Int64(0)), isDelta: try table.bool(2),
                try RecordBatchHeader(batch, bodyLength: bodyLength))
        case let kind: throw FormatFault("a message is of kind \(kind), neither schema nor batch")
        }
    }
}
