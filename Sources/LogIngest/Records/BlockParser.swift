import Samples

/// Splits a source's chunks into records and fields, whatever its format. One thread's.
final class BlockParser {
    private var csv: CSVParser
    private var json: JSONLineParser?

    /// A parser for chunks of `source`, whose columns are those wanted where its format has names only.
    init(_ source: IngestSettings.Source, wanted: [String], limits: IngestSettings.Limits) {
        // What comes as text holds no quotes.
        let dialect = CSVDialect(delimiter: source.format.dialect.delimiter)
        csv = CSVParser(dialect, mostRecordBytes: limits.lineBytes)
        json = source.format == .jsonLines ? JSONLineParser(columns: wanted, mostRecordBytes: limits.lineBytes) : nil
    }

    /// The chunk's records.
    func records(of chunk: LogChunk) -> RecordBlock {
        switch chunk.content {
        case .records(let block): return block
        case .text(var block):
            if json != nil {
                json?.split(&block)
            } else {
                csv.split(&block, columnCount: block.columnCount, isLast: true)
            }
            return block
        }
    }
}
