import ArrowStream
import Samples

/// Puts buckets, as they are finished in order, together into a store: the index, the counts of ids, and last the manifest.
struct StoreWriter {
    private let folder: Folder
    private let check: SampleCheck
    private let settings: PartitionSettings
    private let index: StoreFile
    private let indexEncoder: ArrowStreamEncoder
    private var tally = StoreTally()
    private var moments: [DenseMoments]
    private var buckets: [PartitionManifest.Bucket] = []

    /// A store of no buckets yet.
    init(_ check: SampleCheck, settings: PartitionSettings, folder: Folder) throws(StageError) {
        self.check = check
        self.settings = settings
        self.folder = folder
        moments = Array(repeating: DenseMoments(), count: check.schema.features.count)
        indexEncoder = ArrowStreamEncoder(schema: UserIndex.schema(check.schema.userKind))
        index = try StoreFile(creating: StoreLayout.index, in: folder)
        try index.write(indexEncoder.start())
    }

    /// Takes in the next bucket; waits until its file is on disk.
    mutating func add(_ outcome: BucketWriter.Outcome) throws(StageError) {
        try folder.sync(file: StoreLayout.bucket(buckets.count))
        var bucket = outcome.bucket
        bucket.indexOffset = index.bytesWritten
        buckets.append(bucket)
        tally.add(outcome.tally)
        for feature in moments.indices { moments[feature].add(outcome.moments[feature]) }
        let part = try StoreFileReader(opening: outcome.index.name, in: folder)
        var offset = 0
        while true {
            let bytes = try part.bytes(at: offset, atMost: 1 << 20)
            if bytes.isEmpty { break }
            try index.write(bytes)
            offset += bytes.count
        }
        try folder.remove(outcome.index.name)
    }

    /// Counts users who were left out before buckets were written.
    mutating func leaveOut(_ users: [UserFilter.Reason: PartitionManifest.LeftOut]) {
        var left = StoreTally()
        left.leftOut = users
        tally.add(left)
    }

    /// Writes what is known only at the end; the manifest last of all, when everything else is on disk.
    ///
    /// - Parameter counters: how often ids stand in samples that the cloud may see, of stored features and histories.
    mutating func finish(
        counters: [TrainCounter], negatives: PartitionManifest.Negatives?, pseudonymKey: String?
    ) throws(StageError) -> PartitionManifest {
        let schema = check.schema
        let sizes = zip(schema.features, counters).map { feature, counter -> Int? in
            switch feature.encoding {
            case nil: nil
            case .dictionary: Int(counter.greatestID) + 1
            case .hash(let size): size + 1
            }
        }
        let columns = try settings.history?.columns(in: schema) ?? []
        // A history has a table of its own over the ids of its feature.
        guard (sizes + columns.map { sizes[$0] }).reduce(0, { $0 + ($1 ?? 0) }) <= SampleCheck.mostIDs else {
            throw StageError(
                .data, "the features and histories have more than \(SampleCheck.mostIDs) ids together",
                advice: "hash the largest to fewer")
        }
        try index.write(indexEncoder.end())
        let indexFile = try index.finish()
        try folder.sync(file: StoreLayout.index)
        let trainCounts = try TrainCountsFile.write(
            counters, schema: settings.history?.extended(schema, columns: columns) ?? schema, in: folder)
        try folder.sync(file: StoreLayout.trainCounts)
        let manifest = PartitionManifest(
            schema: schema, settings: settings, tally: tally, scaling: scaling, negatives: negatives,
            pseudonymKey: pseudonymKey, dictionarySizes: sizes, buckets: buckets, index: indexFile,
            trainCounts: trainCounts)
        let file = try StoreFile(creating: StoreLayout.manifest, in: folder)
        try file.write(manifest.encoded())
        _ = try file.finish()
        try folder.sync(file: StoreLayout.manifest)
        return manifest
    }

    /// In the order of the features.
    private var scaling: [DenseScaling] {
        zip(check.schema.features, moments).compactMap { feature, moments in
            settings.scaling[feature.name].map { moments.scaling(feature.name, $0) }
        }
    }
}
