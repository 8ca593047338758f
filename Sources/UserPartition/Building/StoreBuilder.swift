import ByteStreams
import Samples
import Synchronization

/// Makes one store from batches in input order: rows wait by piece of the range of hashes, in memory or in spill files, then
/// the buckets are sorted, split and written by several threads, and the store is put in place.
///
/// All calls block and run on one `BlockingThread`.
final class StoreBuilder: Sendable {
    private struct State {
        let folder: StoreFolder
        var pseudonyms: Pseudonymizer?
        var rows: WaitingRows?
        var account = PartitionAccount()
    }

    private let settings: PartitionSettings
    private let plan: MemoryPlan
    private let cancellation: Cancellation
    private let state: Mutex<State>

    /// Begins a store that is to stand at `path`.
    init(path: String, settings: PartitionSettings, cancellation: Cancellation) throws(StageError) {
        try settings.check()
        self.settings = settings
        self.cancellation = cancellation
        plan = MemoryPlan(memoryBytes: settings.memoryBytes, threads: settings.threads)
        var pseudonyms: Pseudonymizer?
        if let keyFile = settings.pseudonymKeyFile { pseudonyms = try Pseudonymizer(keyFile: keyFile) }
        state = Mutex(State(folder: try StoreFolder(for: path), pseudonyms: pseudonyms))
    }

    /// Takes in one batch.
    func add(_ batch: SampleBatch) throws(StageError) {
        try state.withLock { state throws(StageError) in
            if cancellation.isCancelled { throw .cancelled }
            let batch = state.pseudonyms?.replacing(batch) ?? batch
            if state.rows == nil {
                try settings.check(with: batch.schema)
                state.rows = try WaitingRows(
                    batch.schema, buckets: settings.buckets, plan: plan, folder: state.folder.folder)
            }
            try state.rows?.add(batch)
            state.account.samplesRead += batch.count
        }
    }

    /// Sorts, splits and writes all that was taken in, calls `beforePlacing` and puts the store in place.
    func finish(
        beforePlacing: (PartitionManifest) throws(StageError) -> Void
    ) throws(StageError) -> (manifest: PartitionManifest, account: PartitionAccount) {
        try state.withLock { state throws(StageError) in
            guard var rows = state.rows.take() else {
                throw StageError(.data, "the stream ended before its first batch, which would name the columns")
            }
            let work = BucketWork(
                buckets: settings.buckets, threads: min(settings.threads, settings.buckets),
                stop: StopSignal(cancellation))
            try rows.finish(threads: work.threads)
            state.account.bytesSpilled = rows.bytesSpilled
            let folder = state.folder.folder
            var writer = try StoreWriter(rows.check, settings: settings, folder: folder)
            let ids = IDCounts(features: rows.check.schema.features.count + (settings.history?.features.count ?? 0))
            let negatives = try write(rows, work, ids, folder, &writer, &state.account)
            let manifest = try writer.finish(
                counters: ids.sum(), negatives: negatives, pseudonymKey: state.pseudonyms?.keyCheck)
            try folder.removeFiles(where: StoreLayout.isTemporary)
            if cancellation.isCancelled { throw .cancelled }
            try beforePlacing(manifest)
            try state.folder.publish()
            state.account.users = manifest.users
            state.account.bytesWritten = manifest.files.reduce(0) { $0 + $1.file.bytes }
            return (manifest, state.account)
        }
    }

    /// Removes what was written of a store that is not to be.
    func discard() {
        state.withLock { $0.folder.discard() }
    }

    /// Writes all buckets; returns what negatives were drawn.
    private func write(
        _ rows: WaitingRows, _ work: BucketWork, _ ids: IDCounts, _ folder: Folder, _ writer: inout StoreWriter,
        _ account: inout PartitionAccount
    ) throws(StageError) -> PartitionManifest.Negatives? {
        let sorter = PieceSorter(rows, plan: plan, folder: folder, stop: work.stop)
        let schema = rows.check.schema
        guard let negatives = settings.negatives else {
            try work.run({ [settings] bucket throws(StageError) in
                var writer = try BucketWriter(
                    schema, settings: settings, bucket: bucket, ids: ids, folder: folder, stop: work.stop)
                let bytesSpilled = try sorter.sort(bucket: bucket, into: &writer)
                return try writer.finish(bytesSpilled: bytesSpilled)
            }) { outcome throws(StageError) in
                account.bytesSpilled += outcome.bytesSpilled
                try writer.add(outcome)
            }
            return nil
        }
        return try NegativePass(negatives, settings, schema, plan: plan, work: work, ids: ids, folder: folder)
            .write(sorter, into: &writer, &account)
    }
}
