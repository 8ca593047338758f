extension IngestSettings {
    /// A second log that holds the clicks on what the log shows. A sample is 1 if one of them has its key, 0 if none does.
    ///
    /// The click log is read whole, before the log, so its rows may stand in any order. A click that stands there twice
    /// counts once.
    public struct ClickLog: Sendable, Hashable {
        /// The source that holds the clicks.
        public var source: String
        /// The click log's columns that say what was clicked, such as an impression's id, or user and item.
        public var key: [String]
        /// The log's columns that must hold the same, byte for byte, in the same order. Where one is empty, nothing
        /// matches.
        public var on: [String]
        /// How long after the sample a click counts; nil if its key says enough.
        public var window: Window?

        /// Clicks that match by `key` alone, or also by time.
        public init(source: String, key: [String], on: [String], window: Window? = nil) {
            self.source = source
            self.key = key
            self.on = on
            self.window = window
        }

        /// The click log's columns that are read: the key's, then that of the time, if there is a window.
        var columns: [String] { key + (window.map { [$0.time.column] } ?? []) }

        /// From the sample's time on, both ends included: time(sample) <= time(click) <= time(sample) + length.
        public struct Window: Sendable, Hashable {
            /// Where the time of a click stands.
            public var time: Time
            /// How long, in whole milliseconds, from 0 to 36,500 days.
            public var length: Duration

            /// A window of `length` after a sample.
            public init(time: Time, length: Duration) {
                self.time = time
                self.length = length
            }

            /// The length in milliseconds.
            var milliseconds: Int64 { Int64(length / .milliseconds(1)) }
        }
    }
}
