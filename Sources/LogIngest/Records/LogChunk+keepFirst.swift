import CFieldSplit
import Samples

extension LogChunk {
    /// Lets go of all but the first rows and says how many may be left: at most `most`. A row without quotes is a
    /// line that is not blank; a column may be all there is, and then an empty line is a row, too.
    mutating func keepFirst(_ most: Int) -> Int {
        switch content {
        case .text(let text):
            let (rows, end) = text.firstRows(most)
            if end < text.textCount {
                content = .text(
                    RecordBlock(Array(text.bytes[..<end]), at: text.streamOffset, columnCount: text.columnCount))
            }
            return rows
        case .records(var block):
            // Not by their starts, as a row may be without text.
            let lines = (block.records.map { Int($0.line) } + block.faults.map(\.line)).sorted()
            guard lines.count > most else { return lines.count }
            let firstLeftOut = lines[most]
            block.remove(block.records.indices.filter { block.records[$0].line >= firstLeftOut })
            block.faults.removeAll { $0.line >= firstLeftOut }
            content = .records(block)
            return most
        }
    }
}

extension RecordBlock {
    /// The first rows of the text, at most `most`: how many they are and where they end.
    fileprivate func firstRows(_ most: Int) -> (count: Int, end: Int) {
        var count = 0
        var place = 0
        while count < most && place < textCount {
            let start = place
            place = bytes[start..<textCount].firstIndex(of: 0x0A).map { $0 + 1 } ?? textCount
            let isBlank = columnCount > 1 && Self.blankLines.contains { $0.elementsEqual(bytes[start..<place]) }
            if !isBlank { count += 1 }
        }
        return (count, place)
    }

    private static let blankLines: [[UInt8]] = [[0x0A], [0x0D, 0x0A]]
}
