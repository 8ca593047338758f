import ArrowStream
import ByteStreams
import Samples
import Synchronization

/// Makes one store from batches in input order: scatter by user, spill, sort, split, write, put in place.
///
/// All calls block and run on one `BlockingThread`.
final class StoreBuilder: Sendable {
    private struct State {
        let folder: StoreFolder
        var rows: WaitingRows?
        var account = PartitionAccount()
    }

    private let settings: PartitionSettings
    private let cancellation: Cancellation
    private let state: Mutex<State>

    /// Begins a store that is to stand at `path`.
    init(path: String, settings: PartitionSettings, cancellation: Cancellation) throws(StageError) {
        try settings.check()
        self.settings = settings
        self.cancellation = cancellation
        state = Mutex(State(folder: try StoreFolder(for: path)))
    }

    /// Takes in one batch.
    func add(_ batch: SampleBatch) throws(StageError) {
        try state.withLock { state throws(StageError) in
            if cancellation.isCancelled { throw .cancelled }
            if state.rows == nil {
                state.rows = try WaitingRows(batch.schema, settings: settings, folder: state.folder.folder)
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
            var writer = try StoreWriter(rows.check, split: settings.split, folder: state.folder.folder)
            for bucket in 0..<settings.buckets {
                if cancellation.isCancelled { throw .cancelled }
                try writer.write(
                    SortedBucket(try rows.take(bucket), split: settings.split), cancellation: cancellation)
            }
            let manifest = try writer.finish()
            if cancellation.isCancelled { throw .cancelled }
            try beforePlacing(manifest)
            try state.folder.publish()
            state.account.users = manifest.users
            state.account.bytesSpilled = rows.bytesSpilled
            state.account.bytesWritten = manifest.files.reduce(0) { $0 + $1.file.bytes }
            return (manifest, state.account)
        }
    }

    /// Removes what was written of a store that is not to be.
    func discard() {
        state.withLock { $0.folder.discard() }
    }
}
