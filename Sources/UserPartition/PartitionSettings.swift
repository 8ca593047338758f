import Samples

/// What decides the content of a partition store, and how much memory making it may take.
public struct PartitionSettings: Sendable, Hashable {
    /// How each user's samples fall into parts.
    public var split: Split
    /// Number of bucket files, 1...9999. A bucket is sorted in memory, so more buckets suit larger logs.
    public var buckets: Int
    /// Bytes that rows may take in memory; beyond it they go to temporary files beside the store. Does not change the
    /// store by a byte. Half of it holds rows that wait for their bucket, half the one bucket that is being sorted: a
    /// bucket of more than that takes what it needs.
    public var memoryBytes: Int

    /// Settings; by default 70 % train, 10 % validation, 20 % test, 16 buckets and 256 MiB.
    public init(
        split: Split = .fractions(train: 0.7, validation: 0.1, test: 0.2), buckets: Int = 16,
        memoryBytes: Int = 256 << 20
    ) {
        self.split = split
        self.buckets = buckets
        self.memoryBytes = memoryBytes
    }

    static let bucketRange = 1...9999

    /// Refuses settings that make no sense. Throws `usage`.
    func check() throws(StageError) {
        try split.check()
        guard Self.bucketRange.contains(buckets) else {
            throw StageError(.usage, "the number of buckets must be 1 to \(Self.bucketRange.upperBound)")
        }
        guard memoryBytes > 0 else { throw StageError(.usage, "the memory must be more than 0 bytes") }
    }
}
