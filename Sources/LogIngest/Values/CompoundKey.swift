/// Makes one key of the fields of several columns. Different fields never make the same key: each but the last goes with
/// its length before it.
struct CompoundKey {
    private var bytes: [UInt8] = []

    /// Without fields.
    init() {}

    /// Calls `body` with the key of the fields of `row` in `columns`, which are one or more; with an empty key if one
    /// of the fields is empty.
    @inline(__always)
    mutating func withKey<Result>(
        of block: RecordBlock, row: Int, columns: [Int], _ body: (Span<UInt8>) -> Result
    ) -> Result {
        let text = block.bytes.span
        if columns.count == 1 {
            return body(text.extracting(block.range(row, columns[0])))
        }
        bytes.removeAll(keepingCapacity: true)
        for (index, column) in columns.enumerated() {
            let range = block.range(row, column)
            if range.isEmpty { return body(text.extracting(0..<0)) }
            if index < columns.count - 1 { appendLength(range.count) }
            bytes.append(contentsOf: block.bytes[range])
        }
        return body(bytes.span)
    }

    /// Seven bits a byte, the lowest first; the high bit says that more follow (as in LEB128).
    private mutating func appendLength(_ length: Int) {
        var rest = length
        while rest > 0x7F {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
