import ArrowStream
import ByteStreams
import Samples

/// Writes a store's files, bucket by bucket and the manifest last, into the folder in which it is made.
struct StoreWriter {
    private let folder: Folder
    private let check: SampleCheck
    private let split: Split
    private let encoder: SampleStreamEncoder
    private var index: IndexWriter
    private var counters: [TrainCounter]
    private var buckets: [PartitionManifest.Bucket] = []
    private var users = 0
    private var samples = PartitionManifest.Counts(train: 0, validation: 0, test: 0)
    private var usersWithout = PartitionManifest.Counts(train: 0, validation: 0, test: 0)
    private var trainPositives = 0

    /// A store of no buckets yet.
    init(_ check: SampleCheck, split: Split, folder: Folder) throws(StageError) {
        self.check = check
        self.split = split
        self.folder = folder
        encoder = SampleStreamEncoder(schema: check.schema, partitioned: true, corrected: false)
        index = try IndexWriter(check.schema.userKind, folder: folder)
        counters = check.schema.features.map { _ in TrainCounter() }
    }

    /// Writes the next bucket.
    mutating func write(_ bucket: SortedBucket, cancellation: Cancellation) throws(StageError) {
        let number = buckets.count
        let file = try StoreFile(creating: StoreLayout.bucket(number), in: folder)
        try file.write(encoder.start())
        var indexed = 0
        for slice in bucket.slices {
            if cancellation.isCancelled { throw .cancelled }
            // A user's entry points to the batch in which its first row stands.
            while indexed < slice.users.upperBound {
                try index.add(bucket, user: indexed, bucket: number, byteOffset: file.bytesWritten)
                indexed += 1
            }
            let batch = bucket.batch(slice)
            for (column, feature) in batch.features.enumerated() {
                counters[column].add(feature, labels: batch.labels, parts: batch.parts ?? [])
            }
            try file.write(encoder.encode(batch))
        }
        try file.write(encoder.end())
        buckets.append(
            PartitionManifest.Bucket(file: try file.finish(), samples: bucket.order.count, users: bucket.users.count))
        for user in bucket.users { count(user) }
    }

    /// Writes what is known only at the end; the manifest last of all.
    mutating func finish() throws(StageError) -> PartitionManifest {
        let sizes = zip(check.schema.features, counters).map { feature, counter -> Int? in
            switch feature.encoding {
            case nil: nil
            case .dictionary: Int(counter.greatestID) + 1
            case .hash(let size): size + 1
            }
        }
        guard sizes.reduce(0, { $0 + ($1 ?? 0) }) <= SampleCheck.mostIDs else {
            throw StageError(
                .data, "the features have more than \(SampleCheck.mostIDs) ids together",
                advice: "hash the largest to fewer")
        }
        let manifest = PartitionManifest(
            schema: check.schema, split: split, users: users, samples: samples, usersWithout: usersWithout,
            trainPositives: trainPositives, dictionarySizes: sizes, buckets: buckets, index: try index.finish(),
            trainCounts: try TrainCountsFile.write(counters, schema: check.schema, in: folder))
        let file = try StoreFile(creating: StoreLayout.manifest, in: folder)
        try file.write(manifest.encoded())
        _ = try file.finish()
        return manifest
    }

    private mutating func count(_ user: SortedBucket.User) {
        users += 1
        samples.train += user.samples.train
        samples.validation += user.samples.validation
        samples.test += user.samples.test
        usersWithout.train += user.samples.train == 0 ? 1 : 0
        usersWithout.validation += user.samples.validation == 0 ? 1 : 0
        usersWithout.test += user.samples.test == 0 ? 1 : 0
        trainPositives += user.trainPositives
    }
}
