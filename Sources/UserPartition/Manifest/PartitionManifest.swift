public import Samples

/// What a partition store holds, as its `manifest.json` says: written last, so that a folder with one is whole.
///
/// It depends on the samples and on the settings that shape the store, never on memory, threads, paths, times or machines.
public struct PartitionManifest: Sendable, Hashable {
    /// The format that this version writes and reads.
    public static let formatVersion = 2

    /// What a sample consists of in the files.
    public var storedSchema: SampleSchema
    /// How each user's samples fell into parts.
    public var split: Split
    /// Until when the cloud sees train samples, in milliseconds since 1970-01-01 UTC; nil for all of them.
    public var cloudUntil: Int64?
    /// Which users were taken in.
    public var filter: UserFilter
    /// Users whom the filter left out, by reason; they count nowhere else.
    public var leftOut: [UserFilter.Reason: LeftOut]
    /// Number of users.
    public var users: Int
    /// Number of samples of all users in each part.
    public var samples: Counts
    /// Number of users who have no sample in a part.
    public var usersWithout: Counts
    /// Number of positive samples in all train parts.
    public var trainPositives: Int
    /// Users whom the cloud never sees, and what there is of them; nil where there are none by the settings.
    public var heldOut: HeldOut?
    /// What the cloud model may be trained on: train samples before `cloudUntil` of users who are not held out.
    public var cloud: Clicks
    /// The history features that samples have when they are read; nil for none.
    public var history: HistorySettings?
    /// How dense features are scaled when samples are read.
    public var scaling: [DenseScaling]
    /// The negatives that were drawn; nil for none.
    public var negatives: Negatives?
    /// Tells the key that user keys were replaced by, without telling the key; nil where they are the log's own.
    public var pseudonymKey: String?
    /// For each feature of `storedSchema` the number of ids that tables over it need, id 0 included: the greatest id of any
    /// part plus one, for hashed features the hash's size plus one. Nil for dense features.
    public var storedDictionarySizes: [Int?]
    /// The bucket files, in order.
    public var buckets: [Bucket]
    /// `index.arrows`.
    public var index: File
    /// `train-counts.arrows`.
    public var trainCounts: File

    /// One number a part.
    public struct Counts: Sendable, Hashable {
        /// For the train part.
        public var train = 0
        /// For the validation part.
        public var validation = 0
        /// For the test part.
        public var test = 0

        /// The three together.
        public var total: Int { train + validation + test }

        mutating func add(_ other: Counts) {
            train += other.train
            validation += other.validation
            test += other.test
        }
    }

    /// Samples, and how many of them are positive.
    public struct Clicks: Sendable, Hashable {
        /// Number of samples.
        public var samples = 0
        /// Number of positive ones.
        public var positives = 0

        mutating func add(_ other: Clicks) {
            samples += other.samples
            positives += other.positives
        }
    }

    /// Held-out users.
    public struct HeldOut: Sendable, Hashable {
        /// Who they are.
        public var choice: HeldOutUsers
        /// Number of users.
        public var users = 0
        /// Their train parts.
        public var train = Clicks()
    }

    /// Negatives that were drawn.
    public struct Negatives: Sendable, Hashable {
        /// How they were drawn.
        public var settings: NegativeSettings
        /// How many.
        public var drawn = 0
        /// How many could not be drawn, because a user has taken every item.
        public var missing = 0
    }

    /// What was left out for one reason.
    public struct LeftOut: Sendable, Hashable {
        /// Number of users.
        public var users = 0
        /// Number of their samples.
        public var samples = 0
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
        /// Where in `index.arrows` the bucket's users begin.
        public var indexOffset: Int
    }

    /// The train parts that the global CTR is measured over: those of all users who are not held out.
    public var measured: Clicks {
        Clicks(
            samples: samples.train - (heldOut?.train.samples ?? 0),
            positives: trainPositives - (heldOut?.train.positives ?? 0))
    }

    /// What a sample consists of when it is read: `storedSchema`, and histories.
    public var schema: SampleSchema {
        history?.extended(storedSchema, columns: historyColumns) ?? storedSchema
    }

    /// `storedDictionarySizes` for all features of `schema`: a history has the ids of the feature it is made of.
    public var dictionarySizes: [Int?] {
        storedDictionarySizes + historyColumns.map { storedDictionarySizes[$0] }
    }

    /// The places of the features that histories are made of.
    var historyColumns: [Int] {
        (history?.features ?? []).compactMap { name in storedSchema.features.firstIndex { $0.name == name } }
    }

    /// Each file of the store but the manifest itself: its name, and what it must be.
    public var files: [(name: String, file: File)] {
        buckets.enumerated().map { (StoreLayout.bucket($0.offset), $0.element.file) }
            + [(StoreLayout.index, index), (StoreLayout.trainCounts, trainCounts)]
    }

    /// A manifest of what `settings` and the counted users come to.
    init(
        schema: SampleSchema, settings: PartitionSettings, tally: StoreTally, scaling: [DenseScaling] = [],
        negatives: Negatives? = nil, pseudonymKey: String? = nil, dictionarySizes: [Int?], buckets: [Bucket],
        index: File, trainCounts: File
    ) {
        storedSchema = schema
        split = settings.split
        cloudUntil = settings.cloudUntil
        filter = settings.filter
        leftOut = tally.leftOut
        users = tally.users
        samples = tally.samples
        usersWithout = tally.usersWithout
        trainPositives = tally.trainPositives
        heldOut = settings.heldOut.map {
            HeldOut(choice: $0, users: tally.heldOutUsers, train: tally.heldOutTrain)
        }
        cloud = tally.cloud
        history = settings.history
        self.scaling = scaling
        self.negatives = negatives
        self.pseudonymKey = pseudonymKey
        storedDictionarySizes = dictionarySizes
        self.buckets = buckets
        self.index = index
        self.trainCounts = trainCounts
    }
}
