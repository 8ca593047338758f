extension IngestSettings {
    /// Which columns of the log hold what every sample has.
    public struct Roles: Sendable, Hashable {
        /// Column of the user's key.
        public var user: String
        /// Column and format of the time.
        public var time: Time
        /// How a row gets its label.
        public var label: LabelRule
        /// Column of the item's key; it becomes the categorical feature `item`, first in the schema, by dictionary.
        public var item: String?

        /// Roles; `time` is the time's column and format.
        public init(user: String, time: Time, label: LabelRule, item: String? = nil) {
            self.user = user
            self.time = time
            self.label = label
            self.item = item
        }
    }

    /// Where the time of a row stands.
    public struct Time: Sendable, Hashable {
        /// Its column.
        public var column: String
        /// How it is written there.
        public var format: TimeFormat

        /// A time in `column`.
        public init(column: String, format: TimeFormat) {
            self.column = column
            self.format = format
        }
    }

    /// How a time is written. Times are from year 1 to year 9999.
    public enum TimeFormat: String, Sendable, Hashable, CaseIterable {
        /// Seconds since 1970-01-01 UTC, perhaps with a fraction, which is cut to milliseconds.
        case unixSeconds
        /// Whole milliseconds since 1970-01-01 UTC.
        case unixMilliseconds
    }
}
