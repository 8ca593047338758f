import Samples

extension IngestSettings {
    /// What an input may ask of the machine, so that a small file which unpacks to a huge one ends in an error.
    public struct Limits: Sendable, Hashable {
        /// Bytes of the longest line, its line break included; from 1 to `mostLineBytes`.
        public var lineBytes: Int
        /// Decompressed bytes of one file, all entries that are unpacked taken together; from 1.
        public var decompressedBytes: Int
        /// Decompressed bytes a byte of the file; from 1. Looked at only past 64 MiB of decompressed bytes, since a short
        /// log of equal lines shrinks without end.
        public var expansionRatio: Int
        /// Entries of one archive, folders included; from 1.
        public var entries: Int

        /// More would not fit: a block holds two such lines, and the keys of one block go into 64 MiB.
        public static let mostLineBytes = 1 << 24

        /// Limits; by default lines of 1 MiB, and of each file 1 TiB, a thousandfold, in 100,000 entries.
        public init(
            lineBytes: Int = 1 << 20, decompressedBytes: Int = 1 << 40, expansionRatio: Int = 1000,
            entries: Int = 100_000
        ) {
            self.lineBytes = lineBytes
            self.decompressedBytes = decompressedBytes
            self.expansionRatio = expansionRatio
            self.entries = entries
        }

        /// Throws `usage` for a limit below 1, or one of lines above `mostLineBytes`.
        func validate() throws(StageError) {
            let values = [
                ("line_bytes", lineBytes), ("decompressed_bytes", decompressedBytes),
                ("expansion_ratio", expansionRatio), ("entries", entries),
            ]
            for (name, value) in values where value < 1 {
                throw StageError(.usage, "`limits.\(name)` must be at least 1, not \(value)")
            }
            if lineBytes > Self.mostLineBytes {
                throw StageError(.usage, "a line may be limited to at most 16 MiB, not \(lineBytes) bytes")
            }
        }
    }
}
