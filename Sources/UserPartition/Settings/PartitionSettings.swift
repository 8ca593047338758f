import Samples

/// What decides the content of a partition store, and how much memory and how many threads making it may take.
public struct PartitionSettings: Sendable, Hashable {
    /// How each user's samples fall into parts.
    public var split: Split
    /// Which users are taken in.
    public var filter: UserFilter
    /// Users whom the cloud never sees; nil for none.
    public var heldOut: HeldOutUsers?
    /// The cloud model is trained on train samples before this time, in milliseconds since 1970-01-01 UTC; nil for all of
    /// them. Devices tune on the whole train part.
    public var cloudUntil: Int64?
    /// Histories that samples have when they are read; nil for none.
    public var history: HistorySettings?
    /// Dense features that are scaled, by name.
    public var scaling: [String: DenseScaling.Kind]
    /// Negatives to draw; nil for none.
    public var negatives: NegativeSettings?
    /// A file whose bytes are the key that user keys are replaced by; nil to keep them.
    public var pseudonymKeyFile: String?
    /// Number of bucket files, 1...9999: what one thread makes at a time.
    public var buckets: Int
    /// Bytes that the stage may take in memory, of which some 96 MiB are its own; beyond it rows go to temporary files beside
    /// the store. Does not change the store by a byte.
    public var memoryBytes: Int
    /// Threads that sort and write. Does not change the store by a byte.
    public var threads: Int

    /// Settings; by default 70 % train, 10 % validation, 20 % test, all users, 16 buckets, 256 MiB and one thread.
    public init(
        split: Split = .fractions(train: 0.7, validation: 0.1, test: 0.2), filter: UserFilter = UserFilter(),
        heldOut: HeldOutUsers? = nil, cloudUntil: Int64? = nil, history: HistorySettings? = nil,
        scaling: [String: DenseScaling.Kind] = [:], negatives: NegativeSettings? = nil,
        pseudonymKeyFile: String? = nil, buckets: Int = 16, memoryBytes: Int = 256 << 20, threads: Int = 1
    ) {
        self.split = split
        self.filter = filter
        self.heldOut = heldOut
        self.cloudUntil = cloudUntil
        self.history = history
        self.scaling = scaling
        self.negatives = negatives
        self.pseudonymKeyFile = pseudonymKeyFile
        self.buckets = buckets
        self.memoryBytes = memoryBytes
        self.threads = threads
    }

    /// Buckets that a store may have.
    public static let bucketRange = 1...9999

    /// Refuses settings that make no sense. Throws `usage`.
    func check() throws(StageError) {
        try split.check()
        try filter.check()
        try heldOut?.check()
        try history?.check()
        try negatives?.check()
        guard Self.bucketRange.contains(buckets) else {
            throw StageError(.usage, "the number of buckets must be 1 to \(Self.bucketRange.upperBound)")
        }
        guard memoryBytes > 0 else { throw StageError(.usage, "the memory must be more than 0 bytes") }
        guard threads > 0 else { throw StageError(.usage, "the number of threads must be more than 0") }
    }

    /// Refuses settings that the samples' columns do not go with. Throws `usage`.
    func check(with schema: SampleSchema) throws(StageError) {
        _ = try history?.columns(in: schema)
        _ = try negatives?.columns(in: schema)
        for name in scaling.keys.sorted()
        where !schema.features.contains(where: { $0.name == name && $0.kind == .dense }) {
            throw StageError(.usage, "there is no dense feature `\(name)` to scale")
        }
    }
}
