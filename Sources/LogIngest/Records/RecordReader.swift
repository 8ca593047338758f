import ByteStreams
import Samples

/// A source's records, block after block, on the calling thread: for side tables and for a look at a log's head.
struct RecordReader {
    private var chunks: ChunkReader
    private let parser: BlockParser
    /// The file or entry that the current block is from, and the line of its first record.
    private(set) var stream: LogStream?
    private(set) var firstLine = 1
    private var nextLine = 1

    /// Nothing is opened before the first `next`.
    ///
    /// - Parameter wanted: the columns whose places are looked up in each stream.
    init(
        _ source: IngestSettings.Source, wanted: [String], limits: IngestSettings.Limits, cancellation: Cancellation,
        report: IngestReport
    ) {
        chunks = ChunkReader(source, wanted: wanted, limits: limits, cancellation: cancellation, report: report)
        parser = BlockParser(source, wanted: wanted, limits: limits)
    }

    /// The next block; nil after the last.
    mutating func next() throws(StageError) -> RecordBlock? {
        guard let chunk = try chunks.next() else { return nil }
        stream = chunk.stream
        if chunk.isFirst { nextLine = chunk.stream.firstLine }
        firstLine = nextLine
        let block = parser.records(of: chunk)
        nextLine += block.lineCount
        return block
    }

    /// A fault in the current block as a reason to stop.
    func error(_ fault: RecordFault, in block: RecordBlock) -> StageError {
        var position = stream?.position ?? SourcePosition(file: "")
        position.line = firstLine + fault.line
        position.column = stream?.hasFieldNumbers == true ? fault.column.map { $0 + 1 } : nil
        position.byteOffset = block.streamOffset + fault.place
        return StageError(.data, fault.message, at: position)
    }
}
