extension IngestSettings {
    /// Bounds on what a log may grow to, against damage and bombs.
    public struct Limits: Sendable, Hashable {
        /// Longest record, line breaks inside quotes included, in bytes.
        public var lineBytes: Int
        /// Most decompressed bytes of one file.
        public var decompressedBytes: Int
        /// Most decompressed bytes a compressed byte, looked at once 64 MiB have come out of a file.
        public var expansionRatio: Int
        /// Most entries of an archive.
        public var entries: Int

        /// Limits; the defaults are far beyond any log.
        public init(
            lineBytes: Int = 1 << 20, decompressedBytes: Int = 1 << 40, expansionRatio: Int = 1000,
            entries: Int = 100_000
        ) {
            self.lineBytes = lineBytes
            self.decompressedBytes = decompressedBytes
            self.expansionRatio = expansionRatio
            self.entries = entries
        }
    }
}
