/// How the fields of a line stand apart, as bytes.
struct CSVDialect: Hashable {
    /// Between fields; one or more bytes, none of them a line break.
    var delimiter: [UInt8]
    /// Starts and ends a quoted field; nil if there are none.
    var quote: UInt8?
}

extension IngestSettings.Format {
    /// The format as bytes; a quote that `validate` would refuse counts as none.
    var dialect: CSVDialect {
        switch self {
        case .csv(let delimiter, let quote):
            CSVDialect(delimiter: Array(delimiter.utf8), quote: quote.flatMap { $0.utf8.first })
        // Lines of JSON are only cut, and Arrow not even that.
        case .tsv, .jsonLines, .arrow: CSVDialect(delimiter: [0x09], quote: nil)
        }
    }
}
