import ByteStreams
import Samples

/// A source's records, block after block, over all its files and entries.
struct RecordReader {
    /// The current block; replaced by `next`.
    private(set) var block = RecordBlock()
    /// Names of the columns of the current stream.
    private(set) var columns = ColumnNames([])
    /// How many files or entries were begun; columns may stand elsewhere after a change.
    private(set) var streamCount = 0

    private let source: IngestSettings.Source
    private let bytes: SourceBytes
    private var parser: CSVParser
    private var isOpen = false
    private var isRead = false
    private var hasGivenBlock = false
    private var needsHeader = false
    private var pendingFault: CSVParser.Fault?

    /// How much is read before records are looked for.
    private static let blockBytes = 256 * 1024

    /// Nothing is opened before the first `next`.
    init(_ source: IngestSettings.Source, cancellation: Cancellation, report: IngestReport) {
        self.source = source
        bytes = SourceBytes(source, limits: .init(), cancellation: cancellation, report: report)
        parser = CSVParser(source.format.dialect)
    }

    /// Reads the next block; false after the last. A stream gives at least one block, so that its columns are looked at
    /// even if it has no records. A fault is thrown once the records before it were handed out.
    mutating func next() throws(StageError) -> Bool {
        while true {
            if let fault = pendingFault { throw error(fault) }
            if !isOpen {
                guard try openStream() else { return false }
            }
            try fill()
            let fault = parser.split(&block, isLast: isRead, mostRecords: needsHeader ? 1 : .max)
            if needsHeader {
                if block.count > 0 {
                    takeHeader()
                    continue
                }
                if isRead && fault == nil {
                    throw StageError(.data, "holds no header row", at: block.stream)
                }
            }
            pendingFault = fault
            if isRead && fault == nil { isOpen = false }
            if block.count > 0 || !isOpen && !hasGivenBlock {
                hasGivenBlock = true
                return true
            }
        }
    }

    /// Where column names stand, for errors about them.
    var headerPosition: SourcePosition {
        var position = block.stream
        if source.header == .firstRow { position.line = 1 }
        return position
    }

    private mutating func openStream() throws(StageError) -> Bool {
        guard let stream = try bytes.nextStream() else { return false }
        block = RecordBlock()
        block.stream = stream
        streamCount += 1
        isOpen = true
        isRead = false
        hasGivenBlock = false
        switch source.header {
        case .firstRow:
            needsHeader = true
            parser = CSVParser(source.format.dialect)
        case .names(let names):
            needsHeader = false
            columns = ColumnNames(names)
            parser = CSVParser(source.format.dialect, columnCount: names.count)
        }
        return true
    }

    /// Moves what was not used to the front and reads more behind it. Each call reads a whole block, so that a long record
    /// is not gone over for every few bytes that a pipe gives.
    private mutating func fill() throws(StageError) {
        block.dropUsed()
        let wanted = block.bytes.count + Self.blockBytes
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.blockBytes, alignment: 16)
        defer { buffer.deallocate() }
        while !isRead && block.bytes.count < wanted {
            let count = try bytes.read(into: buffer)
            isRead = count == 0
            block.bytes.append(contentsOf: buffer[..<count])
        }
    }

    private mutating func takeHeader() {
        columns = ColumnNames(
            (0..<block.columnCount).map { String(decoding: block.bytes[block.range(0, $0)], as: UTF8.self) })
        needsHeader = false
    }

    private func error(_ fault: CSVParser.Fault) -> StageError {
        StageError(
            .data, fault.message,
            at: SourcePosition(
                file: block.stream.file, entry: block.stream.entry, line: fault.line, column: fault.column,
                byteOffset: fault.byteOffset))
    }
}
