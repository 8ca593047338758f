import Samples

/// Reads the columns of one record batch out of its body, one after another.
struct ColumnReader {
    private let header: RecordBatchHeader
    private let body: [UInt8]
    private let dictionaries: [Int64: ArrowColumn]
    private var allowance: ExpansionAllowance
    private var nodesRead = 0
    private var buffersRead = 0
    private var variadicCountsRead = 0
    /// Bytes that columns were read from, decompressed.
    private var bytesRead = 0
    /// The most rows that any column claims. Those of the null type cost no byte, so a claim may be of any size.
    private var mostRows: Int

    /// So many rows may cost no byte; beyond, a row has to cost at least the bit that the smallest of values takes.
    private static let maximumFreeRows = 1 << 20

    /// `body` may be longer than the message's body, but not shorter.
    init(
        _ header: RecordBatchHeader, body: [UInt8], dictionaries: [Int64: ArrowColumn], allowance: ExpansionAllowance
    ) {
        self.header = header
        self.body = body
        self.dictionaries = dictionaries
        self.allowance = allowance
        mostRows = header.count
    }

    /// Reads the columns that are not passed over, all of the batch's length, and nothing is left over.
    static func columns(
        _ all: [SchemaReader.Column], of header: RecordBatchHeader, body: [UInt8], dictionaries: [Int64: ArrowColumn],
        allowance: inout ExpansionAllowance
    ) throws(FormatFault) -> [ArrowColumn] {
        var reader = ColumnReader(header, body: body, dictionaries: dictionaries, allowance: allowance)
        var columns: [ArrowColumn] = []
        for column in all {
            guard case .read(let layout) = column else {
                if case .skipped(let skipped) = column { try reader.skip(skipped) }
                continue
            }
            do throws(FormatFault) {
                let column = try reader.column(layout)
                guard column.count == header.count else {
                    throw FormatFault("it has \(column.count) rows in a batch of \(header.count)")
                }
                columns.append(column)
            } catch {
                throw FormatFault("column `\(layout.column)`: \(error.text)")
            }
        }
        guard reader.nodesRead == header.nodes.count, reader.buffersRead == header.buffers.count else {
            throw FormatFault("a batch has more buffers than its columns need")
        }
        guard reader.mostRows <= max(maximumFreeRows, 8 * reader.bytesRead) else {
            throw FormatFault("a batch claims \(reader.mostRows) rows, more than its size explains")
        }
        allowance = reader.allowance
        return columns
    }

    private mutating func skip(_ column: SkippedColumn) throws(FormatFault) {
        nodesRead += column.nodeCount
        var bufferCount = column.bufferCount
        for _ in 0..<column.viewCount { bufferCount += try variadicCount() }
        guard nodesRead <= header.nodes.count, bufferCount <= header.buffers.count - buffersRead else {
            throw FormatFault("a batch has fewer buffers than its columns need")
        }
        // Their bytes, too, explain the batch's rows.
        for buffer in header.buffers[buffersRead..<buffersRead + bufferCount] { bytesRead += buffer.count }
        buffersRead += bufferCount
    }

    private mutating func column(_ layout: ColumnLayout) throws(FormatFault) -> ArrowColumn {
        guard nodesRead < header.nodes.count else { throw FormatFault("the batch ends before it") }
        let node = header.nodes[nodesRead]
        nodesRead += 1
        let count = node.count
        if case .null = layout.type {
            mostRows = max(mostRows, count)
            return ArrowColumn(.null(count))
        }
        let validity = try validity(node)
        switch layout.type {
        case .null: return ArrowColumn(.null(count))
        case .bool: return ArrowColumn(.bool(try present(nextBuffer().bits(count))), validity: validity)
        case .integer(let type): return ArrowColumn(try integers(type, count), validity: validity)
        case .float16:
            let halves = try present(nextBuffer().numbers(count, as: UInt16.self))
            return ArrowColumn(.float32(halves.map { Float(halfBits: $0) }), validity: validity)
        case .float32: return ArrowColumn(.float32(try numbers(count)), validity: validity)
        case .float64: return ArrowColumn(.float64(try numbers(count)), validity: validity)
        case .timestamp: return ArrowColumn(.int64(try numbers(count)), validity: validity)
        case .utf8, .largeUTF8:
            let offsets = try offsets(count, isLarge: layout.type == .largeUTF8)
            return ArrowColumn(.text(try TextReader.text(offsets, nextBuffer())), validity: validity)
        case .utf8View:
            let views = try present(nextBuffer().numbers(2 * count, as: UInt64.self))
            let buffers = try variadicBuffers()
            return ArrowColumn(
                .text(try TextReader.text(views: views, buffers, validity, allowance: &allowance)), validity: validity)
        case .list, .largeList:
            let isLarge = if case .largeList = layout.type { true } else { false }
            let offsets = try offsets(count, isLarge: isLarge)
            let items = try column(layout.children[0])
            let (first, last) = (Int(offsets[0]), Int(offsets[count]))
            guard last <= items.count else {
                throw FormatFault("its lists end at item \(last) of \(items.count)")
            }
            return ArrowColumn(
                .list(
                    offsets: first == 0 ? offsets : offsets.map { $0 - offsets[0] }, items: items.slice(first..<last)),
                validity: validity)
        case .dictionary(let type, _):
            let indices = try integers(type, count)
            return ArrowColumn(try dictionary(indices, validity, id: layout.dictionaryID ?? 0), validity: validity)
        }
    }

    private mutating func nextBuffer() throws(FormatFault) -> BodyBuffer {
        guard buffersRead < header.buffers.count else { throw FormatFault("the batch has too few buffers") }
        var buffer = BodyBuffer(body, header.buffers[buffersRead])
        buffersRead += 1
        if let codec = header.codec {
            buffer = try BodyDecompressor(codec: codec).decompress(buffer, allowance: &allowance)
        }
        bytesRead += buffer.count
        return buffer
    }

    private func present<Value>(_ value: Value?) throws(FormatFault) -> Value {
        guard let value else { throw FormatFault("a buffer is too short for its rows") }
        return value
    }

    private mutating func numbers<Number: Numeric & BitwiseCopyable>(_ count: Int) throws(FormatFault) -> [Number] {
        try present(nextBuffer().numbers(count, as: Number.self))
    }

    private mutating func validity(_ node: RecordBatchHeader.Node) throws(FormatFault) -> [Bool]? {
        let buffer = try nextBuffer()
        if node.nullCount == 0 { return nil }
        let validity = try present(buffer.bits(node.count))
        return validity.contains(false) ? validity : nil
    }

    private mutating func integers(
        _ type: ArrowType.IntegerType, _ count: Int
    ) throws(FormatFault) -> ArrowColumn.Values {
        switch type {
        case .int8: .int8(try numbers(count))
        case .int16: .int16(try numbers(count))
        case .int32: .int32(try numbers(count))
        case .int64: .int64(try numbers(count))
        case .uint8: .uint8(try numbers(count))
        case .uint16: .uint16(try numbers(count))
        case .uint32: .uint32(try numbers(count))
        case .uint64: .uint64(try numbers(count))
        }
    }

    /// The `count + 1` offsets of text or lists: never negative, never falling. Of no rows there may be none at all.
    private mutating func offsets(_ count: Int, isLarge: Bool) throws(FormatFault) -> [Int32] {
        let buffer = try nextBuffer()
        if count == 0 { return [0] }
        let offsets: [Int32]
        if isLarge {
            let large = try present(buffer.numbers(count + 1, as: Int64.self))
            guard large.allSatisfy({ $0 >= 0 && $0 <= Int32.max }) else {
                throw FormatFault("an offset is negative or beyond 2 GiB")
            }
            offsets = large.map { Int32($0) }
        } else {
            offsets = try present(buffer.numbers(count + 1, as: Int32.self))
        }
        var isRising = offsets[0] >= 0
        for row in 0..<count where offsets[row] > offsets[row + 1] { isRising = false }
        guard isRising else { throw FormatFault("its offsets fall") }
        return offsets
    }

    private mutating func variadicBuffers() throws(FormatFault) -> [BodyBuffer] {
        let count = try variadicCount()
        var buffers: [BodyBuffer] = []
        for _ in 0..<count { buffers.append(try nextBuffer()) }
        return buffers
    }

    /// How many data buffers the next column of views has: no more than there are.
    private mutating func variadicCount() throws(FormatFault) -> Int {
        guard variadicCountsRead < header.variadicCounts.count else {
            throw FormatFault("the batch does not say how many buffers its views use")
        }
        let count = header.variadicCounts[variadicCountsRead]
        variadicCountsRead += 1
        guard count >= 0, count <= header.buffers.count - buffersRead else {
            throw FormatFault("the batch has too few buffers")
        }
        return Int(count)
    }

    private func dictionary(
        _ indices: ArrowColumn.Values, _ validity: [Bool]?, id: Int64
    ) throws(FormatFault) -> ArrowColumn.Values {
        // A column of nulls needs no dictionary, and some writers then send none.
        let values = dictionaries[id]
        let limit = values?.count ?? 0
        guard let checked = indices.dictionaryIndices(below: limit, validity) else {
            throw FormatFault(
                values == nil ? "its dictionary has not come" : "an index is outside its dictionary of \(limit) values")
        }
        return .dictionary(indices: checked, values: values ?? ArrowColumn(.null(0)))
    }
}

extension ArrowColumn.Values {
    /// Integers as indices: each from 0 to below `limit`, and 0 where null. Nil if one is not.
    fileprivate func dictionaryIndices(below limit: Int, _ validity: [Bool]?) -> [Int32]? {
        switch self {
        case .int8(let values): Self.indices(values, limit, validity)
        case .int16(let values): Self.indices(values, limit, validity)
        case .int32(let values): Self.indices(values, limit, validity)
        case .int64(let values): Self.indices(values, limit, validity)
        case .uint8(let values): Self.indices(values, limit, validity)
        case .uint16(let values): Self.indices(values, limit, validity)
        case .uint32(let values): Self.indices(values, limit, validity)
        case .uint64(let values): Self.indices(values, limit, validity)
        default: nil
        }
    }

    private static func indices(_ values: [some FixedWidthInteger], _ limit: Int, _ validity: [Bool]?) -> [Int32]? {
        var indices = [Int32](repeating: 0, count: values.count)
        for row in values.indices where validity?[row] ?? true {
            guard values[row] >= 0, values[row] < limit else { return nil }
            indices[row] = Int32(truncatingIfNeeded: values[row])
        }
        return indices
    }
}
