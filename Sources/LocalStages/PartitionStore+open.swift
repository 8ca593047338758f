import ByteStreams
public import Samples
public import UserPartition

extension PartitionStore {
    /// Opens a store on a thread of its own: reading and checking its manifest and index blocks.
    public static func open(_ path: String) async throws(StageError) -> PartitionStore {
        try await BlockingThread().run { () throws(StageError) in try PartitionStore(opening: path) }
    }
}
