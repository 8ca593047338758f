import CFieldSplit

/// Finds the fields of one record: the inner loop of the CSV parser.
struct RecordSplitter {
    /// A record that is whole.
    struct Record {
        /// End of its last field's text, the quote included, the line end not.
        var end: Int
        /// Where the next record starts.
        var next: Int
        /// Line breaks up to there; 1 more than those inside quotes.
        var lineBreaks: Int
    }

    enum Outcome {
        case record(Record)
        /// More bytes are needed.
        case incomplete
        /// The stream, or a line that must not, ends inside the quoted text that starts here.
        case openQuote(Int)
        /// Here, behind a closing quote, stands something else than a delimiter or line end.
        case textAfterQuote(Int)
    }

    private enum QuotedOutcome {
        /// The field's text is done; `after` is the first byte behind the closing quote.
        case closed(RecordBlock.Field, after: Int)
        case incomplete
        case openQuote
        case textAfterQuote(Int)
    }

    private let delimiter: [UInt8]
    private let firstOfDelimiter: UInt8
    private let quote: UInt8
    private let hasQuotes: Bool
    private let fieldEnd: ByteScanner
    private let quotedStop: ByteScanner

    private static let lineFeed: UInt8 = 0x0A
    private static let carriageReturn: UInt8 = 0x0D

    init(_ dialect: CSVDialect) {
        precondition(!dialect.delimiter.isEmpty)
        delimiter = dialect.delimiter
        firstOfDelimiter = dialect.delimiter[0]
        quote = dialect.quote ?? 0
        hasQuotes = dialect.quote != nil
        fieldEnd = ByteScanner(firstOfDelimiter, or: Self.lineFeed)
        quotedStop = ByteScanner(quote, or: Self.lineFeed)
    }

    /// Appends the fields of the record that starts at `start`. Fields with doubled quotes go, made single, to `unquoted`,
    /// and their places count on from the end of `bytes`. The record may be of one line only if it `isOneLine`.
    @inline(__always)
    func split(
        _ bytes: RawSpan, from start: Int, isLast: Bool, isOneLine: Bool = false,
        into fields: inout [RecordBlock.Field], unquoted: inout [UInt8]
    ) -> Outcome {
        let count = bytes.byteCount
        var lineBreaks = 1
        var position = start
        while true {
            if hasQuotes && position < count && bytes[position] == quote {
                switch quoted(bytes, from: position, isLast: isLast, isOneLine: isOneLine, &unquoted, &lineBreaks) {
                case .closed(let field, let after):
                    fields.append(field)
                    if let next = lineEnd(bytes, at: after, isLast: isLast) {
                        return .record(Record(end: after, next: next, lineBreaks: lineBreaks))
                    }
                    position = after + delimiter.count
                case .incomplete: return .incomplete
                case .openQuote: return .openQuote(position)
                case .textAfterQuote(let place): return .textAfterQuote(place)
                }
                continue
            }
            var end = fieldEnd.next(in: bytes, from: position)
            while end < count && bytes[end] != Self.lineFeed && !isDelimiter(bytes, at: end) {
                end = fieldEnd.next(in: bytes, from: end + 1)
            }
            if end < count && bytes[end] != Self.lineFeed {
                fields.append(RecordBlock.Field(start: Int32(position), end: Int32(end)))
                position = end &+ delimiter.count
                continue
            }
            if end == count && !isLast { return .incomplete }
            let next = min(end + 1, count)
            if end > position && bytes[end - 1] == Self.carriageReturn { end -= 1 }
            fields.append(RecordBlock.Field(start: Int32(position), end: Int32(end)))
            return .record(Record(end: end, next: next, lineBreaks: lineBreaks))
        }
    }

    /// The quoted field whose opening quote stands at `open`, up to what must follow it.
    private func quoted(
        _ bytes: RawSpan, from open: Int, isLast: Bool, isOneLine: Bool, _ unquoted: inout [UInt8],
        _ lineBreaks: inout Int
    ) -> QuotedOutcome {
        let count = bytes.byteCount
        let unquotedStart = unquoted.count
        var pieceStart = open + 1
        var position = pieceStart
        while true {
            position = quotedStop.next(in: bytes, from: position)
            if position == count {
                return isLast ? .openQuote : .incomplete
            }
            if bytes[position] != quote {
                if isOneLine { return .openQuote }
                lineBreaks += 1
                position += 1
                continue
            }
            if position + 1 == count && !isLast { return .incomplete }
            guard position + 1 < count && bytes[position + 1] == quote else { break }
            // The first of the two belongs to the text.
            append(bytes, pieceStart..<(position + 1), to: &unquoted)
            position += 2
            pieceStart = position
        }
        let after = position + 1
        let follows = isDelimiter(bytes, at: after) || lineEnd(bytes, at: after, isLast: isLast) != nil
        if !follows {
            let mayFollow = !isLast && count - after < max(2, delimiter.count)
            return mayFollow ? .incomplete : .textAfterQuote(after)
        }
        guard unquoted.count > unquotedStart else {
            return .closed(RecordBlock.Field(start: Int32(open + 1), end: Int32(position)), after: after)
        }
        append(bytes, pieceStart..<position, to: &unquoted)
        return .closed(
            RecordBlock.Field(start: Int32(count + unquotedStart), end: Int32(count + unquoted.count)), after: after)
    }

    /// Where the next record starts if a line, or the stream, ends at `position`.
    private func lineEnd(_ bytes: RawSpan, at position: Int, isLast: Bool) -> Int? {
        let count = bytes.byteCount
        if position == count { return isLast ? count : nil }
        if bytes[position] == Self.lineFeed { return position + 1 }
        guard bytes[position] == Self.carriageReturn else { return nil }
        if position + 1 == count { return isLast ? count : nil }
        return bytes[position + 1] == Self.lineFeed ? position + 2 : nil
    }

    @inline(__always)
    private func isDelimiter(_ bytes: RawSpan, at position: Int) -> Bool {
        guard position < bytes.byteCount, bytes[position] == firstOfDelimiter else { return false }
        return delimiter.count == 1 || isLongDelimiter(bytes, at: position)
    }

    private func isLongDelimiter(_ bytes: RawSpan, at position: Int) -> Bool {
        guard position + delimiter.count <= bytes.byteCount else { return false }
        return delimiter.indices.allSatisfy { bytes[position + $0] == delimiter[$0] }
    }

    private func append(_ bytes: RawSpan, _ range: Range<Int>, to buffer: inout [UInt8]) {
        bytes.extracting(range).withUnsafeBytes { buffer.append(contentsOf: $0) }
    }
}

extension RawSpan {
    /// One byte; traps outside of the span.
    @inline(__always)
    subscript(_ position: Int) -> UInt8 { unsafeLoad(fromByteOffset: position, as: UInt8.self) }
}
