import ByteStreams
import Crypto
public import Samples

/// What a partition store holds, as its `manifest.json` says: written last, so that a folder with one is whole.
///
/// It depends on the samples and on the settings that shape the store, never on memory, paths, times or machines.
public struct PartitionManifest: Sendable, Hashable {
    /// The format that this version writes and the newest that it reads.
    public static let formatVersion = 1

    /// What a sample consists of.
    public var schema: SampleSchema
    /// How each user's samples fell into parts.
    public var split: Split
    /// Number of users.
    public var users: Int
    /// Number of samples of all users in each part.
    public var samples: Counts
    /// Number of users who have no sample in a part.
    public var usersWithout: Counts
    /// Number of positive samples in all train parts; over `samples.train` it is the global CTR.
    public var trainPositives: Int
    /// For each feature of the schema the number of ids that tables over it need, id 0 included: the greatest id of any
    /// part plus one, for hashed features the hash's size plus one. Nil for dense features.
    public var dictionarySizes: [Int?]
    /// The bucket files, in order.
    public var buckets: [Bucket]
    /// `index.arrows`.
    public var index: File
    /// `train-counts.arrows`.
    public var trainCounts: File

    /// One number a part.
    public struct Counts: Sendable, Hashable {
        /// For the train part.
        public var train: Int
        /// For the validation part.
        public var validation: Int
        /// For the test part.
        public var test: Int

        /// The three together.
        public var total: Int { train + validation + test }
    }

    /// A file of the store.
    public struct File: Sendable, Hashable {
        /// Its size.
        public var bytes: Int
        /// The SHA-256 of its bytes, in hexadecimal.
        public var sha256: String
    }

    /// A bucket file and what it holds.
    public struct Bucket: Sendable, Hashable {
        /// The file.
        public var file: File
        /// Number of samples.
        public var samples: Int
        /// Number of users.
        public var users: Int
    }

    /// SHA-256, in hexadecimal, over everything above. Equal exactly for stores of equal content.
    public var fingerprint: String {
        SHA256.hash(data: Array(canonicalText.utf8)).hexadecimal
    }

    /// Each file of the store but the manifest itself: its name, and what it must be.
    public var files: [(name: String, file: File)] {
        buckets.enumerated().map { (StoreLayout.bucket($0.offset), $0.element.file) }
            + [(StoreLayout.index, index), (StoreLayout.trainCounts, trainCounts)]
    }

    /// One line a fact, in a fixed order; names are quoted by their length, so that no two manifests share a text.
    private var canonicalText: String {
        var lines = ["plumb partition store \(Self.formatVersion)", "user \(schema.userKind.rawValue)"]
        if schema.hasGroups { lines.append("groups") }
        for (feature, size) in zip(schema.features, dictionarySizes) {
            let encoding =
                switch feature.encoding {
                case .dictionary: "dictionary"
                case .hash(let size): "hash \(size)"
                case nil: "none"
                }
            lines.append(
                "feature \(feature.name.utf8.count):\(feature.name) \(feature.kind.rawValue) \(encoding) \(size ?? 0)")
        }
        lines.append("item \(schema.item.map(String.init) ?? "none")")
        switch split {
        case .fractions(let train, let validation, let test):
            lines.append("split fractions \(train) \(validation) \(test)")
        }
        lines.append("users \(users)")
        lines.append("samples \(samples.train) \(samples.validation) \(samples.test)")
        lines.append("users without \(usersWithout.train) \(usersWithout.validation) \(usersWithout.test)")
        lines.append("train positives \(trainPositives)")
        for bucket in buckets { lines.append("bucket samples \(bucket.samples) users \(bucket.users)") }
        for (name, file) in files { lines.append("file \(name) \(file.bytes) \(file.sha256)") }
        return lines.joined(separator: "\n")
    }
}
