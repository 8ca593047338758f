import ByteStreams
import Samples

/// A source's text in pieces that hold whole records, over all its files and entries in order.
///
/// Text without quotes is only cut, at a line's end, and split by whoever gets it; text with quotes is split here, since
/// nothing less finds where its records end.
struct ChunkReader {
    private let source: IngestSettings.Source
    private let wanted: [String]
    private let limits: IngestSettings.Limits
    private let dialect: CSVDialect
    private let bytes: SourceBytes
    private let report: IngestReport
    private let salvages: Bool
    private var stream: LogStream?
    private var isFirst = true
    private var columnCount = 0
    private var arrow: ArrowRecordReader?
    private var parser: CSVParser
    /// Text read and not handed out yet: less than a record, or behind the header row.
    private var rest: [UInt8] = []
    /// Place of `rest` in the stream.
    private var offset = 0
    private var isRead = false
    /// Whether the stream is read no further for damage; what is left of `rest` is less than a record.
    private var isDamaged = false
    /// Whether a stream of the current file was begun.
    private var hasBegunFile = false

    /// How much is read before records are looked for.
    static let blockBytes = 256 * 1024

    /// Nothing is opened before the first `next`.
    ///
    /// - Parameters:
    ///   - wanted: the columns whose places are looked up in each stream.
    ///   - salvages: whether the whole records before the damage in a file are kept and the report told, instead of an
    ///     error. A file that is damaged before its first record, or no log at all, is an error all the same.
    init(
        _ source: IngestSettings.Source, wanted: [String], limits: IngestSettings.Limits, salvages: Bool = false,
        cancellation: Cancellation, report: IngestReport
    ) {
        self.source = source
        self.salvages = salvages
        self.report = report
        self.wanted = wanted
        self.limits = limits
        dialect = source.format.dialect
        bytes = SourceBytes(source, limits: limits, cancellation: cancellation, report: report)
        parser = CSVParser(dialect, mostRecordBytes: limits.lineBytes)
    }

    /// The next piece; nil after the last. Throws `data` where a stream is damaged or lacks a wanted column.
    mutating func next() throws(StageError) -> LogChunk? {
        while true {
            if stream == nil {
                guard try open() else { return nil }
            }
            guard let stream else { return nil }
            if let content = try nextContent() {
                defer { isFirst = false }
                return LogChunk(stream: stream, isFirst: isFirst, content: content)
            }
            self.stream = nil
            arrow = nil
        }
    }

    /// The first file or entry with its columns, before its first piece; nil if there is none. Throws as `next` does.
    mutating func head() throws(StageError) -> LogStream? {
        guard try open() else { return nil }
        return stream
    }

    /// Opens the next file or entry and finds its columns; false after the last.
    private mutating func open() throws(StageError) -> Bool {
        guard let position = try nextStream() else { return false }
        isFirst = true
        isRead = false
        isDamaged = false
        rest = []
        offset = 0
        parser = CSVParser(dialect, mostRecordBytes: limits.lineBytes)
        if source.format == .arrow {
            arrow = try ArrowRecordReader(wanted: wanted, position: position, mostRecordBytes: limits.lineBytes) {
                [bytes] (buffer) throws(StageError) in try bytes.read(into: buffer)
            }
            stream = namedStream(at: position)
            return true
        }
        try fill()
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { drop(3) }
        if source.format == .jsonLines {
            stream = namedStream(at: position)
            return true
        }
        var header = position
        var firstLine = 1
        var columns: ColumnNames
        switch source.header {
        case .names(let names): columns = ColumnNames(names)
        case .firstRow:
            (columns, firstLine) = try readHeader(at: position)
            header.line = firstLine - 1
        }
        columnCount = columns.names.count
        var places: [Int] = []
        for name in wanted { places.append(try columns.index(of: name, at: header)) }
        stream = LogStream(
            position: position, columns: columns, places: places, firstLine: firstLine, hasFieldNumbers: true,
            isPacked: bytes.isPacked)
        return true
    }

    private mutating func nextStream() throws(StageError) -> SourcePosition? {
        while true {
            do throws(StageError) {
                let position = try bytes.nextStream()
                hasBegunFile = true
                return position
            } catch {
                // An archive's damage between its entries. Before the first, nothing is there to be kept.
                guard hasBegunFile, salvage(error) else { throw error }
            }
        }
    }

    /// Notes damage and gives the file up; false if that is not to be done.
    private mutating func salvage(_ error: StageError) -> Bool {
        guard salvages && error.code == .data else { return false }
        report.add(damage: error)
        bytes.abandonFile()
        hasBegunFile = false
        return true
    }

    /// A stream whose records hold the wanted columns only.
    private mutating func namedStream(at position: SourcePosition) -> LogStream {
        columnCount = wanted.count
        return LogStream(
            position: position, columns: ColumnNames(wanted), places: Array(wanted.indices), firstLine: 1,
            hasFieldNumbers: false, isPacked: bytes.isPacked)
    }

    /// The names in the first row, and the line after it.
    private mutating func readHeader(at position: SourcePosition) throws(StageError) -> (ColumnNames, Int) {
        var line = 1
        while true {
            var block = RecordBlock(rest)
            parser.split(&block, columnCount: nil, isLast: isRead, mostRecords: 1)
            if let fault = block.faults.first {
                var place = position
                place.line = line + fault.line
                place.column = fault.column.map { $0 + 1 }
                place.byteOffset = offset + fault.place
                throw StageError(.data, "the header row cannot be read: \(fault.message)", at: place)
            }
            drop(block.usedCount)
            line += block.lineCount
            if block.count > 0 {
                let names = (0..<block.columnCount).map {
                    String(decoding: block.bytes[block.range(0, $0)], as: UTF8.self)
                }
                return (ColumnNames(names), line)
            }
            if isRead { throw StageError(.data, "holds no header row", at: position) }
            try fill()
        }
    }

    /// The next whole records; nil at the stream's end.
    private mutating func nextContent() throws(StageError) -> LogChunk.Content? {
        if let arrow = arrow {
            var reader = arrow
            defer { self.arrow = reader }
            do throws(StageError) {
                return try reader.next().map { .records($0) }
            } catch {
                guard salvage(error) else { throw error }
                return nil
            }
        }
        while true {
            if rest.isEmpty && isRead { return nil }
            if !rest.isEmpty, let content = cut() { return content }
            if isDamaged { return nil }
            if !isRead { try fill() } else if rest.isEmpty { return nil }
        }
    }

    /// The whole records in `rest`; nil if more text is needed.
    private mutating func cut() -> LogChunk.Content? {
        let hasQuote = dialect.quote.map { rest.span.bytes.contains($0) } ?? false
        if !hasQuote && !parser.isSkipping {
            if let end = isRead && !isDamaged ? rest.count : rest.lastIndex(of: 0x0A).map({ $0 + 1 }) {
                return .text(take(end))
            }
            if rest.count <= limits.lineBytes { return nil }
        }
        var block = RecordBlock(rest, at: offset)
        // A line of JSON gets here only for being too long; those behind it are for another parser.
        let most = source.format == .jsonLines ? parser.isSkipping ? 0 : 1 : Int.max
        parser.split(&block, columnCount: columnCount, isLast: isRead && !isDamaged, mostRecords: most)
        guard block.usedCount > 0 else { return nil }
        drop(block.usedCount)
        return .records(block)
    }

    /// The first bytes of `rest` as a block of their own.
    private mutating func take(_ count: Int) -> RecordBlock {
        var text: [UInt8] = []
        swap(&text, &rest)
        if count < text.count {
            rest = Array(text[count...])
            text.removeLast(text.count - count)
        }
        defer { offset += count }
        return RecordBlock(text, at: offset, columnCount: columnCount)
    }

    private mutating func drop(_ count: Int) {
        rest.removeFirst(count)
        offset += count
    }

    /// Reads a whole block behind `rest`, or as much as there is, or, if `rest` is longer, that much again, so that a long
    /// record is not gone over for every few bytes.
    private mutating func fill() throws(StageError) {
        let before = rest.count
        let wanted = before + max(Self.blockBytes, before)
        var failure: StageError?
        rest = [UInt8](unsafeUninitializedCapacity: wanted + Self.padding) { buffer, count in
            // `count` never passes `wanted`, the buffer's length less the padding.
            _ = buffer.initialize(fromContentsOf: rest)
            count = before
            while count < wanted && !isRead && failure == nil {
                do throws(StageError) {
                    let free = UnsafeMutableRawBufferPointer(
                        rebasing: UnsafeMutableRawBufferPointer(buffer)[count..<wanted])
                    let got = try bytes.read(into: free)
                    isRead = got == 0
                    count += got
                } catch {
                    failure = error
                }
            }
        }
        if let failure {
            guard salvage(failure) else { throw failure }
            isRead = true
            isDamaged = true
        }
    }

    /// Bytes behind the text that a parser of machine words may read, though it never uses them.
    private static let padding = 64
}
