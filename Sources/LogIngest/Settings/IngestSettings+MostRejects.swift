extension IngestSettings {
    /// How many rows of the log may be bad before the ingest fails.
    public enum MostRejects: Sendable, Hashable {
        /// So many rows.
        case rows(Int)
        /// So many of a hundred rows read, from 0 to 100.
        case percent(Double)

        /// Whether so many rejected rows are too many.
        public func isExceeded(by rejected: Int, of read: Int) -> Bool {
            switch self {
            case .rows(let most): rejected > most
            case .percent(let most): Double(rejected) * 100 > most * Double(read)
            }
        }
    }
}

extension IngestSettings.MostRejects: CustomStringConvertible {
    /// `12` or `0.5%`.
    public var description: String {
        switch self {
        case .rows(let most): "\(most)"
        case .percent(let most): "\(most)%"
        }
    }

    /// Reads what `description` writes; nil for anything else.
    public init?(_ text: String) {
        if text.last == "%" {
            guard let percent = Double(text.dropLast()), (0...100).contains(percent) else { return nil }
            self = .percent(percent)
        } else {
            guard let rows = Int(text), rows >= 0 else { return nil }
            self = .rows(rows)
        }
    }
}
