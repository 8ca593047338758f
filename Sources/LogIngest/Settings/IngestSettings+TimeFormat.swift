public import Samples

extension IngestSettings {
    /// Where the time of a row stands, and how it is written.
    public struct Time: Sendable, Hashable {
        /// Its column.
        public var column: String
        /// How it is written there.
        public var format: TimeFormat
        /// Whose clock shows it, if the text does not say so: `UTC`, an offset as `+08:00`, or an IANA name as
        /// `Asia/Shanghai`. Nil is UTC. Unix times have none.
        ///
        /// Where clocks are put forward, a time that no clock showed is taken to be later by as much as they skipped;
        /// where they are put back, a time that was shown twice is the first of the two (as in java.time).
        public var zone: String?

        /// A time in `column`.
        public init(column: String, format: TimeFormat, zone: String? = nil) {
            self.column = column
            self.format = format
            self.zone = zone
        }

        /// Throws `usage` if the pattern or the zone makes no sense, and `environment` if a named zone cannot be looked up:
        /// that reads a small file of the system's time zone data.
        public func validate() throws(StageError) {
            _ = try TimeParser(self)
        }
    }

    /// How a time is written. Times are from year 1 to year 9999; what is less than a millisecond is cut off, towards the
    /// past.
    public enum TimeFormat: Sendable, Hashable {
        /// Seconds since 1970-01-01 UTC, perhaps with a fraction.
        case unixSeconds
        /// Whole milliseconds since 1970-01-01 UTC.
        case unixMilliseconds
        /// A date, or a date and a time, by ISO 8601: `2019-11-12T02:14:46`, perhaps with a fraction and an offset, perhaps
        /// with a space for the `T`, perhaps without hyphens and colons.
        case iso8601
        /// A pattern as of `strptime`: `%m/%d/%Y %I:%M:%S %p` reads `11/12/2019 2:14:46 PM`.
        ///
        /// - `%Y` four digits; `%y` two, 69 to 99 in the 1900s
        /// - `%m`, `%d`, `%H` (0 to 23), `%I` (1 to 12, with `%p` for AM or PM), `%M`, `%S`: one digit or two; `%j`, the day
        ///   of the year: one to three. Next to another number without anything between, all of their digits. A hyphen
        ///   as in `%-d` changes nothing.
        /// - `%f` the digits of a fraction of a second
        /// - `%b` or `%B`, `%a` or `%A`: English month and weekday, long or short, in any case; a weekday must be the date's
        /// - `%z` an offset: `Z`, `+08`, `+0800`, `+08:00`
        /// - `%T` is `%H:%M:%S`, `%D` is `%m/%d/%y`, `%F` is `%Y-%m-%d`, `%%` is a percent sign
        /// - white space stands for any white space, but some; everything else for itself
        ///
        /// A time of day that is left out is midnight, seconds that are left out are 0.
        case pattern(String)
    }
}
