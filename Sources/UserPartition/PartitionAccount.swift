/// What partitioning did, for the one-line account at a stage's end. Unlike the manifest it may differ from run to run.
public struct PartitionAccount: Sendable, Hashable {
    /// Samples read. They are in the store, but for those of users whom the filter left out.
    public var samplesRead = 0
    /// Users in the store.
    public var users = 0
    /// Bytes of the finished store.
    public var bytesWritten = 0
    /// Bytes that went through temporary files because memory was short.
    public var bytesSpilled = 0
}
