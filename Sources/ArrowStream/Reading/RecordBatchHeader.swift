/// Where the parts of a record batch lie in its body.
struct RecordBatchHeader {
    /// A column's or a list's items' length and number of nulls.
    struct Node {
        let count: Int
        let nullCount: Int
    }

    /// How each buffer is compressed.
    enum Codec {
        case lz4Frame
        case zstd
    }

    /// Number of rows.
    let count: Int
    /// Columns and their children, depth first.
    let nodes: [Node]
    /// Buffers in the body, in the order of the nodes; inside the body, and together no longer than it.
    let buffers: [Range<Int>]
    /// Nil: not compressed.
    let codec: Codec?
    /// Number of data buffers of each column of views.
    let variadicCounts: [Int64]

    /// Rows are counted in 32 bits, as the offsets of text and lists are.
    static let maximumCount = Int64(Int32.max) - 1

    init(_ table: FlatBufferTable, bodyLength: Int) throws(FormatFault) {
        count = try Self.checked(table.integer(RecordBatchField.length, default: Int64(0)))
        var nodes: [Node] = []
        let nodeValues = try table.int64s(RecordBatchField.nodes, perElement: 2)
        for index in stride(from: 0, to: nodeValues.count, by: 2) {
            let count = try Self.checked(nodeValues[index])
            let nullCount = nodeValues[index + 1]
            guard nullCount >= 0, nullCount <= count else {
                throw FormatFault("a column of \(count) rows claims \(nullCount) nulls")
            }
            nodes.append(Node(count: count, nullCount: Int(nullCount)))
        }
        self.nodes = nodes

        var buffers: [Range<Int>] = []
        var total: Int64 = 0
        let bufferValues = try table.int64s(RecordBatchField.buffers, perElement: 2)
        for index in stride(from: 0, to: bufferValues.count, by: 2) {
            let (offset, length) = (bufferValues[index], bufferValues[index + 1])
            let body = Int64(bodyLength)
            // An empty buffer's offset means nothing, and some writers leave it beyond the end.
            if length == 0 {
                buffers.append(0..<0)
                continue
            }
            guard offset >= 0, length > 0, offset <= body, length <= body - offset else {
                throw FormatFault("a buffer lies outside its message's body")
            }
            total += length
            guard total <= body else { throw FormatFault("the buffers of a message overlap") }
            buffers.append(Int(offset)..<Int(offset + length))
        }
        self.buffers = buffers

        if let compression = try table.table(RecordBatchField.compression) {
            guard try compression.integer(1, default: Int8(0)) == 0 else {
                throw FormatFault("the body is compressed in a way that is not read")
            }
            switch try compression.integer(0, default: Int8(0)) {
            case 0: codec = .lz4Frame
            case 1: codec = .zstd
            case let number: throw FormatFault("the body is compressed by an unknown codec, \(number)")
            }
        } else {
            codec = nil
        }
        variadicCounts = try table.int64s(RecordBatchField.variadicCounts)
    }

    private static func checked(_ count: Int64) throws(FormatFault) -> Int {
        guard count >= 0, count <= maximumCount else {
            throw FormatFault("a batch claims \(count) rows; at most \(maximumCount) are read")
        }
        return Int(count)
    }
}
