import Samples

/// The rows of one chunk that made no sample, in order.
///
/// A chunk may hold nothing else, and some chunks wait for their turn, so what a row takes is small: the file's name stands
/// here once, equal reasons do, too, and the texts are those of the chunk.
struct RejectList: Sendable {
    /// The line of the chunk's first.
    var firstLine = 0

    private let stream: LogStream
    private var streamOffset = 0
    private var bytes: [UInt8] = []
    private var items: [Item] = []
    private var reasons: [String] = []

    /// A fault, its line counted from the chunk's first, its places in `bytes`.
    private struct Item {
        var line: Int32
        /// The field, from 0; -1 where it is about the whole row.
        var column: Int32
        var start: Int32
        var end: Int32
        var place: Int32
        var reason: Int32
    }

    /// No rows.
    init(of stream: LogStream) {
        self.stream = stream
    }

    /// The faults of a chunk, in order of their lines; `block` is what they were found in.
    init(_ faults: [RecordFault], in block: RecordBlock, of stream: LogStream) {
        self.stream = stream
        if faults.isEmpty { return }
        streamOffset = block.streamOffset
        bytes = block.bytes
        items.reserveCapacity(faults.count)
        var numbers: [String: Int32] = [:]
        for fault in faults {
            let number = numbers[fault.message] ?? Int32(truncatingIfNeeded: reasons.count)
            if Int(number) == reasons.count {
                numbers[fault.message] = number
                reasons.append(fault.message)
            }
            // A block's records, and so its bytes, are counted in 32 bits.
            items.append(
                Item(
                    line: Int32(truncatingIfNeeded: fault.line), column: fault.column.map { Int32($0) } ?? -1,
                    start: Int32(fault.start), end: Int32(fault.end), place: Int32(fault.place), reason: number))
        }
    }

    /// How many different reasons there are.
    var reasonCount: Int { reasons.count }
}

extension RejectList: RandomAccessCollection {
    var startIndex: Int { 0 }
    var endIndex: Int { items.count }

    subscript(index: Int) -> Reject {
        let item = items[index]
        let column = item.column < 0 ? nil : Int(item.column)
        var position = stream.position
        position.line = firstLine + Int(item.line)
        position.column = stream.hasFieldNumbers ? column.map { $0 + 1 } : nil
        position.byteOffset = streamOffset + Int(item.place)
        let names = stream.columns.names
        return Reject(
            position: position, column: column.flatMap { names.indices.contains($0) ? names[$0] : nil },
            reason: reasons[Int(item.reason)], text: Array(bytes[Int(item.start)..<Int(item.end)]))
    }
}
