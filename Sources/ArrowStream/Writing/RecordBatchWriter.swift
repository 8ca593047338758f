import Samples

/// Lays columns out as a record batch's body, and writes its message.
struct RecordBatchWriter {
    private var body: [UInt8] = []
    /// Length and number of nulls of each column and list's items, depth first.
    private var nodes: [Int64] = []
    /// Offset and length of each buffer.
    private var buffers: [Int64] = []

    /// Appends a column of `type`.
    mutating func append(_ column: ArrowColumn, _ type: ArrowType) {
        nodes += [Int64(column.count), Int64(column.nullCount)]
        if case .null = column.values { return }
        appendValidity(column)
        switch (column.values, type) {
        case (.bool(let values), .bool): appendBits(values)
        case (.float32(let values), .float32): appendBuffer(values)
        case (.float64(let values), .float64): appendBuffer(values)
        case (.int64(let values), .timestamp): appendBuffer(values)
        case (.text(let text), .utf8):
            appendBuffer(text.offsets)
            appendBuffer(text.bytes)
        case (.text(let text), .largeUTF8):
            appendBuffer(text.offsets.map { Int64($0) })
            appendBuffer(text.bytes)
        case (.list(let offsets, let items), .list(let type)):
            appendBuffer(offsets)
            append(items, type)
        case (.list(let offsets, let items), .largeList(let type)):
            appendBuffer(offsets.map { Int64($0) })
            append(items, type)
        case (.dictionary(let indices, _), .dictionary(let type, _)): appendIndices(indices, type)
        case (let values, .integer(let type)): appendIntegers(values, type)
        default: preconditionFailure("a column of \(type) holds other values")
        }
    }

    /// The finished message: a record batch, or with an id the values of a dictionary.
    func message(count: Int, metadata: [String: String], dictionaryID: Int64?) -> [UInt8] {
        var builder = FlatBufferBuilder()
        let buffers = builder.vector(buffers, perElement: 2)
        let nodes = builder.vector(nodes, perElement: 2)
        let batch = builder.table([.int64(Int64(count)), .offset(nodes), .offset(buffers)])
        guard let dictionaryID else {
            return MessageFrame.bytes(
                &builder, kind: MessageKind.recordBatch, header: batch, body: body, metadata: metadata)
        }
        let dictionary = builder.table([.int64(dictionaryID), .offset(batch), .bool(false)])
        return MessageFrame.bytes(
            &builder, kind: MessageKind.dictionaryBatch, header: dictionary, body: body, metadata: metadata)
    }

    private mutating func appendIntegers(_ values: ArrowColumn.Values, _ type: ArrowType.IntegerType) {
        switch (values, type) {
        case (.int8(let values), .int8): appendBuffer(values)
        case (.int16(let values), .int16): appendBuffer(values)
        case (.int32(let values), .int32): appendBuffer(values)
        case (.int64(let values), .int64): appendBuffer(values)
        case (.uint8(let values), .uint8): appendBuffer(values)
        case (.uint16(let values), .uint16): appendBuffer(values)
        case (.uint32(let values), .uint32): appendBuffer(values)
        case (.uint64(let values), .uint64): appendBuffer(values)
        default: preconditionFailure("a column of \(type) holds other values")
        }
    }

    private mutating func appendIndices(_ indices: [Int32], _ type: ArrowType.IntegerType) {
        switch type {
        case .int8: appendBuffer(indices.map { Int8($0) })
        case .int16: appendBuffer(indices.map { Int16($0) })
        case .int32: appendBuffer(indices)
        case .int64: appendBuffer(indices.map { Int64($0) })
        case .uint8: appendBuffer(indices.map { UInt8($0) })
        case .uint16: appendBuffer(indices.map { UInt16($0) })
        case .uint32: appendBuffer(indices.map { UInt32($0) })
        case .uint64: appendBuffer(indices.map { UInt64($0) })
        }
    }

    /// A column without nulls has an empty validity buffer.
    private mutating func appendValidity(_ column: ArrowColumn) {
        if let validity = column.validity, column.nullCount > 0 {
            appendBits(validity)
        } else {
            appendBuffer([UInt8]())
        }
    }

    private mutating func appendBits(_ values: [Bool]) {
        var bytes = [UInt8](repeating: 0, count: (values.count + 7) / 8)
        for index in values.indices where values[index] { bytes[index >> 3] |= 1 << UInt8(index & 7) }
        appendBuffer(bytes)
    }

    /// Copies the array's memory, which is little-endian on every platform that Swift supports, and pads it.
    private mutating func appendBuffer(_ values: [some Numeric & BitwiseCopyable]) {
        let start = body.count
        values.withUnsafeBytes { body.append(contentsOf: $0) }
        buffers += [Int64(start), Int64(body.count - start)]
        body.append(contentsOf: repeatElement(0, count: MessageFrame.padded(body.count) - body.count))
    }
}
