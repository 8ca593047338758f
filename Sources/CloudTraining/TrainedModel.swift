import ByteStreams
public import Samples

/// A trained cloud model that lies on disk, and how it came about. `publish` lets it appear; released without that,
/// nothing appears, and a checkpoint stays.
public struct TrainedModel: Sendable {
    /// What each pass gave, in order; never empty.
    public let epochs: [TrainingEpoch]
    /// Index in `epochs` of the pass whose weights were kept.
    public let best: Int
    /// Number of samples in a pass.
    public let trainSamples: Int
    /// Bytes of samples that lay in a temporary file.
    public let bytesSpilled: Int
    let files: BestModelFiles
    let sink: ByteSink

    /// Hands on the bytes of the model's safetensors file, piece by piece. Its metadata also names the store and seed
    /// that it comes from and the pass that was kept: same store, settings and seed, same bytes.
    public func forEachPiece(
        _ body: @escaping @Sendable (_ bytes: [UInt8]) throws(StageError) -> Void
    ) async throws(StageError) {
        let thread = BlockingThread()
        let cancellation = thread.cancellation
        try await thread.run { [files] () throws(StageError) in
            try files.forEachPiece(cancellation: cancellation, body)
        }
    }

    /// Writes the model to its place, where it appears whole, and then takes the checkpoint away. To be called once.
    public func publish() async throws(StageError) {
        try await sink.write { [files] write throws(StageError) in
            try files.forEachPiece(cancellation: Cancellation(), write)
        }
        try await sink.publish()
        try await BlockingThread().run { [files] () throws(StageError) in
            try files.removeCheckpoint()
        }
    }
}
