/// The first part of a stream that is already in a file.
public struct StartedStream<Batch: StreamBatch>: Sendable {
    /// The encoder of the whole stream.
    public let encoder: Batch.Encoder
    /// What is in the file; nothing at the very start.
    public let counts: StreamCounts

    /// The first part of a stream.
    public init(_ encoder: Batch.Encoder, _ counts: StreamCounts) {
        self.encoder = encoder
        self.counts = counts
    }
}
