import ByteStreams
import Crypto
public import Samples

extension PartitionStore {
    /// The same store, of which only some users' samples are read. Its manifest stays that of the whole.
    public func selecting(_ users: UserSelection) -> PartitionStore {
        var store = self
        store.selection = selection.map { $0.intersection(users) } ?? users
        return store
    }

    /// The same store, of which held-out users' samples are not read: what the cloud sees.
    public func withoutHeldOutUsers() -> PartitionStore {
        var store = self
        store.leavesOutHeldOut = manifest.heldOut != nil
        return store
    }

    /// Tells this store and its selected users from others: the manifest's fingerprint, or where there is a selection a hash
    /// over both. Held-out users make no difference.
    public var identity: String {
        guard let selection else { return manifest.fingerprint }
        let text = "\(manifest.fingerprint)\n\(selection.canonicalText)"
        return SHA256.hash(data: Array(text.utf8)).hexadecimal
    }

    /// Number of users that are read. Blocks: where not all are, the index is read.
    public func userCount() throws(StageError) -> Int {
        guard selection != nil || leavesOutHeldOut else { return manifest.users }
        var count = 0
        try readIndex { users throws(StageError) in
            for user in 0..<users.count where isSelected(user, of: users.users) { count += 1 }
            return true
        }
        return count
    }

    /// The counts of ids over selected users' samples that the cloud may see. Blocks; reads all samples.
    func countSelected() throws(StageError) -> [TrainCounts] {
        var counters = schema.features.map { _ in TrainCounter() }
        var view = StoredSampleView(manifest)
        let cloud = withoutHeldOutUsers()
        for bucket in manifest.buckets.indices {
            try read(bucket) { batch throws(StageError) in
                let shown = view.shown(cloud.selectedRows(of: batch) ?? batch)
                let isCloud = zip(shown.parts ?? [], shown.times).map { part, time in
                    part == .train && manifest.cloudUntil.map { time < $0 } ?? true
                }
                for (column, feature) in shown.features.enumerated() {
                    counters[column].add(feature, labels: shown.labels, isCounted: isCloud)
                }
            }
        }
        var counts: [TrainCounts] = []
        for (column, size) in manifest.dictionarySizes.enumerated() {
            guard let size else { continue }
            var samples = [Int](repeating: 0, count: size)
            var positives = samples
            for (id, count) in counters[column].counts {
                samples[Int(id)] = count.samples
                positives[Int(id)] = count.positives
            }
            counts.append(
                TrainCounts(feature: schema.features[column].name, samples: samples, positives: positives))
        }
        return counts
    }

    /// The rows of a batch that are to be read; nil if that is all of them.
    func selectedRows(of batch: SampleBatch) -> SampleBatch? {
        guard selection != nil || leavesOutHeldOut else { return nil }
        let users = batch.userRanges
        let chosen = users.filter { isSelected($0.lowerBound, of: batch.users) }
        if chosen.count == users.count { return nil }
        var rows = SampleBatch(batch.schema, partitioned: true)
        for range in chosen { rows.append(contentsOf: range, of: batch) }
        // A last user who goes on is in it, or its rest will not be either.
        rows.continuesUser = batch.continuesUser && chosen.last == users.last
        return rows
    }

    /// Whether a row's user is to be read.
    func isSelected(_ row: Int, of users: KeyColumn) -> Bool {
        if leavesOutHeldOut, let choice = manifest.heldOut?.choice, choice.contains(hash: UserHash.hash(row, of: users))
        {
            return false
        }
        return selection?.contains(row, of: users) ?? true
    }
}
