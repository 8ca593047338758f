extension IngestSettings {
    /// Files of one layout that are read one after another as if they were one.
    public struct Source: Sendable, Hashable {
        /// The name that `log` and joins use.
        public var name: String
        /// Files, read in this order; `-` is standard input. Compressed or not is seen from the content.
        public var paths: [String]
        /// Which entries of an archive to read: an exact path, or a pattern in which `*` and `?` stand for anything but a
        /// slash. Matching entries are read in archive order. Nil for bare streams and archives of one entry.
        public var entry: String?
        /// How a line divides into fields.
        public var format: Format
        /// Where column names come from.
        public var header: Header

        /// A source.
        public init(
            name: String, paths: [String], entry: String? = nil, format: Format = .csv(), header: Header = .firstRow
        ) {
            self.name = name
            self.paths = paths
            self.entry = entry
            self.format = format
            self.header = header
        }
    }

    /// How a line divides into fields.
    public enum Format: Sendable, Hashable {
        /// RFC 4180: `delimiter` between fields (one or more bytes of UTF-8, such as `::`); a field that starts with
        /// `quote` (one ASCII character) may hold delimiters, line breaks and doubled quotes. A nil `quote` makes
        /// quotes plain text.
        case csv(delimiter: String = ",", quote: String? = "\"")
        /// Fields between tabs, no quoting (IANA text/tab-separated-values).
        case tsv
        /// One JSON object a line. Columns are ways to values (`user.id`, or a JSON Pointer such as `/user.id`); the items of
        /// an array are one field with U+001F between them.
        case jsonLines
        /// An Arrow IPC stream. Times are milliseconds since 1970, the items of a list one field with U+001F between them.
        case arrow

        /// What stands between the items of a list, where the format has lists.
        public var listSeparator: String? {
            switch self {
            case .csv, .tsv: nil
            case .jsonLines, .arrow: "\u{1F}"
            }
        }
    }

    /// Where column names come from; of no meaning for formats that name each value themselves.
    public enum Header: Sendable, Hashable {
        /// The first row of every file.
        case firstRow
        /// These, one a column; every row is data.
        case names([String])
    }
}
