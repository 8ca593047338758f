public import ArrowStream

/// Where a pass of `finetune` over a store writes what it makes.
public struct FineTuningOutput: Sendable, Hashable {
    /// What is done about checkpoints. There is none where a file goes to a pipe or device, or only some users are read.
    public enum Checkpointing: Sendable, Hashable {
        /// One is written after finished buckets, and one that stands there is gone on from.
        case resume
        /// One is written, and one that stands there is taken away.
        case restart
        /// None is written, and one that stands there is left as it is.
        case none
    }

    /// The predictions; `-` is standard output.
    public var predictions: String
    /// Their format.
    public var format: StreamFormat
    /// A line of CSV a user; nil: not written.
    public var usersTable: String?
    /// What devices would keep, as a tar archive with a safetensors file a user; nil: not written.
    public var overlays: String?
    /// What makes the files, in a name that changes with its version: a checkpoint of another one is not gone on from.
    public var maker: String
    /// What is done about checkpoints, in `predictions` + `.checkpoint`.
    public var checkpointing: Checkpointing

    /// Predictions alone, unless more is asked for.
    public init(
        predictions: String, format: StreamFormat = .arrow, usersTable: String? = nil, overlays: String? = nil,
        maker: String = "", checkpointing: Checkpointing = .resume
    ) {
        self.predictions = predictions
        self.format = format
        self.usersTable = usersTable
        self.overlays = overlays
        self.maker = maker
        self.checkpointing = checkpointing
    }
}
