import ByteStreams
public import CloudTraining
public import Evaluation
public import LocalStages
public import LogIngest
public import Samples
public import UserPartition

/// All stages of a pipeline in one process, from raw logs to the summary over seeds, into a run folder.
///
/// The stages are the adaptors that the subcommands run: the files are the same, byte for byte. A step is skipped where the
/// folder's `stages.json` says that it was finished, from the same inputs and settings and by the same version, and its
/// results still stand there as they were made; the files are the same whether it is skipped or done. So a run that was
/// killed at any moment goes on where it was when it is started again.
public struct PipelineRun: Sendable {
    /// What a run tells while it works.
    public enum Event: Sendable {
        /// A step is not done again: its results stand there.
        case skipped(RunStep)
        /// A step begins, and why.
        case began(RunStep, RedoReason)
        /// A source's file was changed while it was read; the next run reads it again.
        case changedWhileRead(path: String)
        /// The store is made.
        case partitioned(PartitionAccount, PartitionManifest)
        /// What the training of one seed's model tells: that a pass ended, or that it goes on from a checkpoint.
        case training(seed: UInt64, CloudTrainer.Event)
        /// Users were tuned and scored.
        case tuned(seed: UInt64, FineTuningReport.Counts)
    }

    /// What a run comes to.
    public struct Outcome: Sendable {
        /// Counts and drift of the train parts; nil if the run was to stop before.
        public var ctr: CTRReport?
        /// Every arm's metrics over the seeds; nil if the run was to stop before.
        public var summary: RunSummary?
        /// What came of the log, whose bad rows stand in the folder's `rejects.jsonl`; nil if it was not read.
        public var ingest: IngestReport?
    }

    private let pipeline: Pipeline
    private let folder: RunFolder
    private let threads: Int
    private let version: String
    private let first: RunStage?
    private let last: RunStage
    private let listener: @Sendable (Event) -> Void

    /// A run of `pipeline` into `folder`, on up to `threads` cores.
    ///
    /// - Parameters:
    ///   - version: the tool's; what another version made is made anew.
    ///   - first: the stage that is done, with all after it, whatever the record says; nil for those that have to be.
    ///   - last: the stage after which the run stops.
    public init(
        _ pipeline: Pipeline, into folder: RunFolder, threads: Int, version: String, from first: RunStage? = nil,
        until last: RunStage = .evaluate, listener: @escaping @Sendable (Event) -> Void
    ) {
        self.pipeline = pipeline
        self.folder = folder
        self.threads = threads
        self.version = version
        self.first = first
        self.last = last
        self.listener = listener
    }

    /// Runs it. A failure leaves no half-written file, and no summary if a step after the store was to be done; one before a
    /// new store is whole leaves an earlier run in the folder as it was. Throws `environment` if another run works in the
    /// folder.
    public func run() async throws(StageError) -> Outcome {
        guard let ingest = pipeline.ingest else {
            throw StageError(.usage, "a run needs a pipeline file with a section `ingest`")
        }
        let lock = try await BlockingThread().run { [folder] () throws(StageError) in try folder.claim() }
        // Held to the end, whatever the compiler finds of its uses.
        defer { withExtendedLifetime(lock) { folder.removeEmptyFolders() } }
        try await BlockingThread().run { [folder] () throws(StageError) in try folder.removeLeftovers() }
        let work = RunWork(
            pipeline: pipeline, folder: folder, threads: threads, version: version, first: first, last: last,
            ledger: try await RunLedger.open(folder), listener: listener)
        return try await work.outcome(ingest)
    }
}
