import CFieldSplit
import Samples

extension LogChunk {
    /// Lets go of all but the first rows and says how many may be left: at most `most`. A row without quotes is a line.
    mutating func keepFirst(_ most: Int) -> Int {
        switch content {
        case .text(let text):
            let (lines, end) = text.firstLines(most)
            if end < text.textCount {
                content = .text(
                    RecordBlock(Array(text.bytes[..<end]), at: text.streamOffset, columnCount: text.columnCount))
            }
            return lines
        case .records(var block):
            let starts = (block.records.map { Int($0.start) } + block.faults.map(\.start)).sorted()
            guard starts.count > most else { return starts.count }
            let firstLeftOut = starts[most]
            block.remove(block.records.indices.filter { block.records[$0].start >= firstLeftOut })
            block.faults.removeAll { $0.start >= firstLeftOut }
            content = .records(block)
            return most
        }
    }
}

extension RecordBlock {
    /// The first lines of the text, at most `most`: how many they are and where they end.
    fileprivate func firstLines(_ most: Int) -> (count: Int, end: Int) {
        var count = 0
        var place = 0
        while count < most && place < textCount {
            place = bytes[place..<textCount].firstIndex(of: 0x0A).map { $0 + 1 } ?? textCount
            count += 1
        }
        return (count, place)
    }
}
