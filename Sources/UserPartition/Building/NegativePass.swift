import Samples

/// Writes a store with drawn negatives in two passes: all positives are sorted and split first, for what is drawn depends on
/// all users' train parts; then each bucket is written anew with its negatives.
struct NegativePass {
    private let negatives: NegativeSettings
    private let settings: PartitionSettings
    private let schema: SampleSchema
    private let plan: MemoryPlan
    private let work: BucketWork
    private let ids: IDCounts
    private let folder: Folder

    /// The passes over sorted pieces; `ids` gets what is counted of the second.
    init(
        _ negatives: NegativeSettings, _ settings: PartitionSettings, _ schema: SampleSchema, plan: MemoryPlan,
        work: BucketWork, ids: IDCounts, folder: Folder
    ) {
        self.negatives = negatives
        self.settings = settings
        self.schema = schema
        self.plan = plan
        self.work = work
        self.ids = ids
        self.folder = folder
    }

    /// Does both passes.
    func write(
        _ sorter: PieceSorter, into writer: inout StoreWriter, _ account: inout PartitionAccount
    ) throws(StageError) -> PartitionManifest.Negatives {
        let (item, columns) = try negatives.columns(in: schema)
        let positives = IDCounts(features: schema.features.count)
        try work.run({ [settings, schema, work, folder] bucket throws(StageError) in
            // Histories are counted in the second pass.
            var first = settings
            first.history = nil
            var writer = try BucketWriter(
                schema, settings: first, bucket: bucket, name: Self.sorted(bucket),
                counting: [item], ids: positives,
                folder: folder, stop: work.stop)
            let bytesSpilled = try sorter.sort(bucket: bucket, into: &writer)
            return try writer.finish(bytesSpilled: bytesSpilled)
        }) { outcome throws(StageError) in
            writer.leaveOut(outcome.tally.leftOut)
            account.bytesSpilled += outcome.bytesSpilled + outcome.bucket.file.bytes
            try folder.remove(outcome.index.name)
        }
        let sampler = NegativeSampler(
            negatives, item: item, counter: positives.sum()[item], features: try itemFeatures(item: item, columns))
        var total = PartitionManifest.Negatives(settings: negatives)
        try work.run({ [settings, schema, work, folder, plan, ids] bucket throws(StageError) in
            var writer = try BucketWriter(
                schema, settings: settings, bucket: bucket, isSplit: true, ids: ids, folder: folder, stop: work.stop)
            var users = UserAssembler(
                schema, partitioned: true, mostBytes: plan.sortBytes, folder: folder, prefix: "drawn-\(bucket)")
            let drawn = try sampler.expand(Self.sorted(bucket), in: folder, stop: work.stop) {
                batch throws(StageError) in
                try users.add(batch, into: &writer)
            }
            try users.finish(into: &writer)
            try folder.remove(Self.sorted(bucket))
            return (outcome: try writer.finish(bytesSpilled: users.bytesWritten), drawn: drawn)
        }) { result throws(StageError) in
            account.bytesSpilled += result.outcome.bytesSpilled
            total.drawn += result.drawn.drawn
            total.missing += result.drawn.missing
            try writer.add(result.outcome)
        }
        return total
    }

    /// The features that go with items, from one reading of all sorted buckets in order.
    private func itemFeatures(item: Int, _ columns: [Int]) throws(StageError) -> ItemFeatures {
        var features = ItemFeatures(schema, item: item, columns: columns)
        if columns.isEmpty { return features }
        for bucket in 0..<work.buckets {
            let file = try SampleFile(try StoreFileReader(opening: Self.sorted(bucket), in: folder))
            while let batch = try file.nextBatch() {
                try work.stop.check()
                try features.add(batch) { row in
                    batch.parts?[row] == .train && settings.cloudUntil.map { batch.times[row] < $0 } ?? true
                        && !(settings.heldOut?.contains(hash: UserHash.hash(row, of: batch.users)) ?? false)
                }
            }
        }
        return features
    }

    /// A bucket's file between the passes.
    private static func sorted(_ bucket: Int) -> String { StoreLayout.temporary("sorted-\(bucket)") }
}
