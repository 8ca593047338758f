import CFieldSplit

extension LogChunk {
    /// The chunk in smaller ones of some `byteCount` bytes, or of one record where that is longer. Together they come to the
    /// same rows, rejects and lines.
    ///
    /// For logs whose rows grow when they are parsed: what comes of one chunk is in memory at once.
    func pieces(byteCount: Int) -> [LogChunk] {
        let contents: [Content] =
            switch content {
            case .text(let block): Self.cut(block, byteCount).map { .text($0) }
            case .records(let block): Self.divide(block, byteCount).map { .records($0) }
            }
        return contents.enumerated().map { index, content in
            LogChunk(stream: stream, isFirst: isFirst && index == 0, content: content)
        }
    }

    /// Cuts text behind line breaks.
    private static func cut(_ block: RecordBlock, _ byteCount: Int) -> [RecordBlock] {
        var pieces: [RecordBlock] = []
        var start = 0
        while start < block.bytes.count {
            let earliest = min(start + byteCount, block.bytes.count) - 1
            let end = block.bytes[earliest...].firstIndex(of: 0x0A).map { $0 + 1 } ?? block.bytes.count
            pieces.append(
                RecordBlock(
                    Array(block.bytes[start..<end]), at: block.streamOffset + start, columnCount: block.columnCount))
            start = end
        }
        return pieces
    }

    /// Divides records, and faults, which stay where they are in the same bytes. Their lines are counted from the block's
    /// first, so all lines end in the last piece.
    private static func divide(_ block: RecordBlock, _ byteCount: Int) -> [RecordBlock] {
        var pieces: [RecordBlock] = []
        var firstRecord = 0
        var firstFault = 0
        while firstRecord < block.count || firstFault < block.faults.count {
            let starts = [
                firstRecord < block.count ? Int(block.records[firstRecord].start) : nil,
                firstFault < block.faults.count ? block.faults[firstFault].start : nil,
            ]
            let end = (starts.compactMap(\.self).min() ?? 0) + byteCount
            let records = firstRecord..<(block.records[firstRecord...].firstIndex { $0.start >= end } ?? block.count)
            let faults = firstFault..<(block.faults[firstFault...].firstIndex { $0.start >= end } ?? block.faults.count)
            var piece = block
            piece.records = Array(block.records[records])
            piece.fields = Array(
                block.fields[(records.lowerBound * block.columnCount)..<(records.upperBound * block.columnCount)])
            piece.faults = Array(block.faults[faults])
            piece.lineCount = 0
            pieces.append(piece)
            (firstRecord, firstFault) = (records.upperBound, faults.upperBound)
        }
        if pieces.isEmpty { return [block] }
        pieces[pieces.count - 1].lineCount = block.lineCount
        return pieces
    }
}
