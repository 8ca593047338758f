import CFieldSplit

@testable import LogIngest

/// What a parser makes of a text, wherever it stands in the text's pieces.
struct SplitText: Equatable {
    /// A record that could not be read: its line from 1, its field from 0, and its place and text.
    struct Fault: Equatable {
        var line: Int
        var column: Int?
        var offset: Int
        var text: String
        var message: String
    }

    var rows: [[String]] = []
    /// The line on which each row starts, from 1, and its first byte's place.
    var lines: [Int] = []
    var offsets: [Int] = []
    var faults: [Fault] = []

    /// Splits `text`, given in pieces that end at `cuts`.
    init(_ text: [UInt8], cuts: [Int] = [], _ dialect: CSVDialect, columns: Int? = nil, most: Int = 1 << 20) {
        var parser = CSVParser(dialect, mostRecordBytes: most)
        var rest: [UInt8] = []
        var columns = columns
        var (offset, line, start) = (0, 1, 0)
        for (piece, cut) in (cuts + [text.count]).enumerated() {
            var block = RecordBlock(rest + text[start..<cut], at: offset)
            start = cut
            parser.split(&block, columnCount: columns, isLast: piece == cuts.count)
            take(block, firstLine: line)
            if block.count > 0 { columns = block.columnCount }
            rest = Array(block.bytes[block.usedCount..<block.textCount])
            offset += block.usedCount
            line += block.lineCount
        }
    }

    private mutating func take(_ block: RecordBlock, firstLine: Int) {
        for row in 0..<block.count {
            rows.append(
                (0..<block.columnCount).map { String(decoding: block.bytes[block.range(row, $0)], as: UTF8.self) })
            lines.append(firstLine + Int(block.records[row].line))
            offsets.append(block.streamOffset + Int(block.records[row].start))
        }
        for fault in block.faults {
            faults.append(
                Fault(
                    line: firstLine + fault.line, column: fault.column, offset: block.streamOffset + fault.place,
                    text: String(decoding: block.bytes[fault.start..<fault.end], as: UTF8.self),
                    message: fault.message))
        }
    }
}

extension CSVDialect {
    static let comma = CSVDialect(delimiter: [0x2C], quote: 0x22)
    static let colons = CSVDialect(delimiter: Array("::".utf8), quote: nil)
    static let tab = CSVDialect(delimiter: [0x09], quote: nil)
}
