import ByteStreams
import CTRModels
import LocalStages
public import Samples
public import UserPartition

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Trains the cloud model on all users' train parts, held-out users excepted: the stage `train`.
///
/// Shuffled passes; after each a figure of the validation part decides whether to go on, and the best pass's weights
/// are kept. The test part is never looked at. Same store, settings and seed: the same weights, for any number of
/// threads, any memory, and whether or not the training was stopped and went on in between.
public struct CloudTrainer: Sendable {
    /// What is done about checkpoints. There is none where the model goes to a pipe or device.
    public enum Checkpointing: Sendable, Hashable {
        /// One is written after each pass, and one that stands there is gone on from; one that is of no use, being of
        /// another training or damaged, stays until the first pass is written down.
        case resume
        /// One is written after each pass, and one that stands there is taken away.
        case restart
        /// None is written, and one that stands there is left as it is.
        case none
    }

    /// What a training tells while it goes on.
    public enum Event: Sendable, Hashable {
        /// It goes on after these passes, which an earlier one made.
        case resumed([TrainingEpoch])
        /// There is a checkpoint, but it is of no use, and why. It stays until the first pass has ended.
        case startedAnew(String)
        /// A pass ended.
        case trained(pass: Int, TrainingEpoch, Pace)
    }

    /// How long a pass took.
    public struct Pace: Sendable, Hashable {
        /// Seconds of its steps.
        public var trainSeconds: Double
        /// Samples of its steps.
        public var samples: Int
        /// Seconds with validation and checkpoint.
        public var totalSeconds: Double

        /// Samples that a second of steps learns from.
        public var samplesPerSecond: Double { Double(samples) / max(trainSeconds, 1e-9) }
    }

    private let settings: TrainingSettings
    private let seed: UInt64
    /// Bytes of a chunk, about; other chunks make another model.
    var chunkBytes: Int?

    /// A trainer; `seed` decides the first weights and every shuffle.
    public init(_ settings: TrainingSettings, seed: UInt64) {
        self.settings = settings
        self.seed = seed
    }

    /// Trains on a store into a file that only `TrainedModel.publish` lets appear.
    ///
    /// - Parameters:
    ///   - store: the samples.
    ///   - output: the model's file. Opened first: a place that cannot be written is not found out after the training.
    ///   - checkpointing: what is done about checkpoints, which stand in `output` + `.checkpoint`.
    ///   - progress: hears of every step.
    ///   - onEvent: hears of every pass as it ends.
    /// - Throws: `data` if there are no train samples, or a loss, weight or logit is not finite, and then the
    ///   checkpoint of the last good pass stays; `cancelled` between two steps, likewise; `environment` if a checkpoint
    ///   cannot be read, which stays too; `usage` for a terminal as output.
    public func train(
        on store: PartitionStore, into output: String, checkpointing: Checkpointing = .resume,
        progress: TrainingProgress = TrainingProgress(), onEvent: @escaping @Sendable (Event) -> Void = { _ in }
    ) async throws(StageError) -> TrainedModel {
        let sink = try await ByteSink(model: output)
        let architecture = try settings.architecture(for: store.manifest)
        let features = try ModelFeatures(of: architecture, in: store.schema)
        let place = Self.Place(output)

        // Rows first, without the model: reading has its own needs of memory.
        var samples = DealtSamples(
            features.columns.map { store.schema.features[$0].kind },
            chunkCount: DealtSamples.chunkCount(of: store.manifest, features: features, chunkBytes: chunkBytes),
            seed: seed, memoryBytes: settings.memoryBytes,
            makeScratch: { () throws(StageError) in try ScratchFile(at: place.scratchPath("samples")) })
        let seen = try await samples.read(store, features: features, architecture: architecture)
        guard samples.trainCount > 0 else {
            throw StageError(.data, "the store has no train samples that the cloud may see")
        }

        let folder = place.isRegular && checkpointing != .none ? CheckpointFolder(of: output) : nil
        let origin = TrainingOrigin(settings, architecture: architecture, store: store, seed: seed)
        let metadata = ["plumb.store": store.manifest.fingerprint, "plumb.seed": "\(seed)"]
        let thread = BlockingThread()
        let cancellation = thread.cancellation
        return try await thread.run { [settings, seed, samples] () throws(StageError) in
            let (record, trainer) = try Self.start(
                folder, origin, settings, stepsPerPass: samples.steps(of: settings),
                restarts: checkpointing == .restart, cancellation: cancellation, onEvent: onEvent
            ) {
                var model = CTRModel(architecture: architecture, seed: seed)
                model.clearUnseen(seen)
                return TrainerInUse(
                    model, Optimizer(settings.optimizer, weightDecay: settings.weightDecay, for: model))
            }
            let files: BestModelFiles
            if let folder {
                files = BestModelFiles(folder, record: record)
            } else {
                files = BestModelFiles(try ScratchFile(at: place.scratchPath("best")))
            }
            var run = TrainingRun(
                settings, seed: seed, origin: origin, samples: samples,
                workers: WorkerThreads(count: settings.threads), progress: progress, cancellation: cancellation,
                metadata: metadata, files: files, trainer: trainer, epochs: record?.epochs ?? [],
                onEvent: onEvent)
            let epochs = try run.run()
            return TrainedModel(
                epochs: epochs, best: epochs.best(by: settings.earlyStopping), trainSamples: samples.trainCount,
                bytesSpilled: samples.bytesSpilled, files: files, sink: sink)
        }
    }

    /// Takes away the checkpoint of a model that is not wanted any more, if there is one. Blocks.
    public static func removeCheckpoint(of output: String) throws(StageError) {
        try CheckpointFolder(of: output).remove()
    }

    /// Where a training begins: at a checkpoint, or at none.
    private static func start(
        _ folder: CheckpointFolder?, _ origin: TrainingOrigin, _ settings: TrainingSettings, stepsPerPass: Int,
        restarts: Bool, cancellation: Cancellation, onEvent: @Sendable (Event) -> Void, anew: () -> TrainerInUse
    ) throws(StageError) -> (CheckpointRecord?, TrainerInUse) {
        guard let folder else { return (nil, anew()) }
        var found = CheckpointFolder.Found.nothing
        if restarts {
            try folder.remove()
        } else {
            found = try folder.load(
                origin, optimizer: settings.optimizer, weightDecay: settings.weightDecay,
                stepsPerPass: stepsPerPass, cancellation: cancellation)
        }
        switch found {
        case .nothing: break
        case .useless(let reason): onEvent(.startedAnew(reason))
        case .checkpoint(let record, let trainer):
            guard record.epochs.count <= settings.epochs else {
                onEvent(.startedAnew("it has \(record.epochs.count) passes, and epochs is \(settings.epochs)"))
                break
            }
            try folder.prepare(keeping: record)
            onEvent(.resumed(record.epochs))
            return (record, trainer)
        }
        try folder.prepare()
        return (nil, anew())
    }

    /// Where temporary files go.
    private struct Place: Sendable {
        let output: String
        /// Whether the output is, or is to be, a regular file, beside which others may stand.
        let isRegular: Bool

        init(_ output: String) {
            self.output = output
            isRegular = OutputFile.isRegular(at: output)
        }

        /// A path for a file that has no name for longer than a moment.
        func scratchPath(_ use: String) -> String {
            guard isRegular else {
                return "\(FileTree.temporaryFolder)/.plumb-\(getpid())-\(UInt64.random(in: 0...UInt64.max)).\(use)"
            }
            guard let slash = output.lastIndex(of: "/") else { return ".\(output).\(use)" }
            return "\(output[...slash]).\(output[output.index(after: slash)...]).\(use)"
        }
    }
}

/// A trainer in the one place where it is changed. Passed about by reference: a second holder of the value would have
/// its next step copy all weights and state.
final class TrainerInUse {
    var trainer: ShardedTrainer

    init(_ model: CTRModel, _ optimizer: Optimizer) {
        trainer = ShardedTrainer(model, optimizer)
    }
}
