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
    /// Why the stream is read no further, where that is to be salvaged; what is left of `rest` is less than a record.
    private var damage: StageError?
    private var isDamaged: Bool { damage != nil }
    /// Whether records were handed out, so that there is something to be kept.
    private var hasGivenContent = false

    /// How much is read before records are looked for.
    static let blockBytes = 256 * 1024

    /// Nothing is opened before the first `next`.
    ///
    /// - Parameters:
    ///   - wanted: the columns whose places are looked up in each stream.
    ///   - salvages: whether the whole records before the damage in a file are kept and the report told, instead of an
    ///     error. A file that is damaged before its first record, or no log at all, is an error all the same. The source then
    ///     has one file.
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
                hasGivenContent = true
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
        damage = nil
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
            do throws(StageError) {
                (columns, firstLine) = try readHeader(at: position)
            } catch {
                throw damage ?? error
            }
            header.line = firstLine - 1
        }
        columnCount = columns.names.count
        var places: [Int] = []
        for name in wanted {
            do throws(StageError) {
                places.append(try columns.index(of: name, at: header))
            } catch {
                throw isRead ? damage ?? error : error
            }
        }
        stream = LogStream(
            position: position, columns: columns, places: places, firstLine: firstLine, hasFieldNumbers: true,
            isPacked: bytes.isPacked)
        return true
    }

    private mutating func nextStream() throws(StageError) -> SourcePosition? {
        while true {
            do throws(StageError) {
                return try bytes.nextStream()
            } catch {
                // An archive's damage between its entries.
                guard isSalvageable(error), hasGivenContent else { throw error }
                report.add(damage: error)
                bytes.abandonFile()
            }
        }
    }

    private func isSalvageable(_ error: StageError) -> Bool { salvages && error.code == .data }

    /// Gives a damaged file up; throws its damage if no record came before it.
    private mutating func giveUp(_ damage: StageError) throws(StageError) {
        guard hasGivenContent else { throw damage }
        report.add(damage: damage)
        bytes.abandonFile()
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
                guard isSalvageable(error) else { throw error }
                try giveUp(error)
                return nil
            }
        }
        while true {
            if rest.isEmpty && isRead && !isDamaged { return nil }
            if !rest.isEmpty, let content = cut() { return content }
            if let damage {
                try giveUp(damage)
                return nil
            }
            if !isRead { try fill() } else if rest.isEmpty { return nil }
        }
    }

    /// The whole records in `rest`; nil if more text is needed.
    private mutating func cut() -> LogChunk.Content? {
        let hasQuote = dialect.quote.map { rest.span.bytes.contains($0) } ?? false
        if !hasQuote && !parser.isSkipping {
            if let end = isRead && !isDamaged ? rest.count : rest.lastIndex(of: 0x0A).map({ $0 + 1 }) {
                parser.passOver(end)
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
            guard isSalvageable(failure) else { throw failure }
            isRead = true
            damage = failure
        }
    }

    /// Bytes behind the text that a parser of machine words may read, though it never uses them.
    private static let padding = 64
}
