import ByteStreams
public import Samples

extension AsyncSequence where Self: Sendable, Element == SampleBatch, Failure == StageError {
    /// Groups samples by user into a store at `path`: users hashed into buckets, each bucket's users by hash and key, each
    /// user's samples by time (equal times in input order) and split into parts.
    ///
    /// The store's bytes depend on the samples, their order within each user, and the settings: not on memory, threads, or
    /// how the input was cut into batches. It is built beside its place and put there whole; an older store there is
    /// replaced. On failure or cancellation the place is as it was. Rows beyond `settings.memoryBytes` wait in temporary
    /// files, and what does not fit in memory to be sorted, be it one user, is sorted by way of temporary files too. Beside
    /// that, 16 bytes are held for each id of a feature and thread.
    ///
    /// Batches are taken in on a thread of its own, in their order; then `settings.threads` sort and write. Throws what the
    /// stream throws, `usage` for senseless settings or such as the samples' columns do not go with, `data` for labels that
    /// are not 0 or 1 or ids out of range, `environment` if something else than a store or an empty folder stands at `path`
    /// or the system refuses.
    ///
    /// - Parameter beforePlacing: called once, on that thread, when the store is whole and before it is put in its place;
    ///   what it throws leaves the place as it was.
    /// - Returns: What the store holds, and what making it took.
    public func partition(
        into path: String, settings: PartitionSettings = PartitionSettings(),
        beforePlacing: @escaping @Sendable (PartitionManifest) throws(StageError) -> Void = { (_) throws(StageError) in
        }
    ) async throws(StageError) -> (manifest: PartitionManifest, account: PartitionAccount) {
        let thread = BlockingThread()
        let cancellation = thread.cancellation
        let builder = try await thread.run { () throws(StageError) in
            try StoreBuilder(path: path, settings: settings, cancellation: cancellation)
        }
        do throws(StageError) {
            for try await batch in self {
                try await thread.run { () throws(StageError) in try builder.add(batch) }
            }
            return try await thread.run { () throws(StageError) in try builder.finish(beforePlacing: beforePlacing) }
        } catch {
            // Also runs in a cancelled task: the thread does what it is given.
            _ = try? await thread.run { builder.discard() }
            throw error
        }
    }
}
