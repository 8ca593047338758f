import ArgumentParser
import ByteStreams
import CloudTraining
import LocalStages
import Pipelines
import Samples
import Synchronization
import UserPartition

/// `plumb train`: a store → the cloud model.
struct TrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train the cloud model on all users' train parts.",
        discussion: """
            The pass that is best on validation is kept. The test part is never looked at.

            After each pass a checkpoint is written into PATH.checkpoint. Stopped or killed,
            the same command goes on from there, to the same bytes; what has changed since
            makes it start anew. It is taken away when the model stands in its place.
            """
    )

    @Argument(help: "A partition store.", completion: .directory)
    var store: String?

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Write the model here, as safetensors.", valueName: "path"),
        completion: .file(extensions: ["safetensors"]))
    var output: String?

    @Option(help: "Seed of first weights and shuffles; by default the first of the pipeline file's.")
    var seed: UInt64?

    @Flag(help: "Take a checkpoint that stands there away and start anew.")
    var restart = false

    @Flag(name: .customLong("no-checkpoint"), help: "Write no checkpoint, and go on from none.")
    var noCheckpoint = false

    @OptionGroup var options: TrainOptions
    @OptionGroup var users: UserOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var stage: StageOptions
    @OptionGroup var report: ReportOptions

    func validate() throws {
        try OutputPlaces.requireApart(["-o": output, "--summary": report.summary])
        if restart && noCheckpoint { throw ValidationError("--restart and --no-checkpoint do not go together.") }
    }

    func run() async throws {
        guard let pipeline = try await stage.load(sections: ["train"], flags: options.overrides) else { return }
        guard let store else { throw ValidationError("Name a partition store.") }
        guard let output else { throw ValidationError("Name the model's file with -o.") }
        var account = Account("train")
        let source = try await users.restrict(PartitionStore.open(store))
        var settings = pipeline.train
        settings.threads = threads.threads
        let trainer = CloudTrainer(settings, seed: seed ?? pipeline.seeds[0])
        let progress = TrainingProgress()
        let paces = Paces()
        let shown = settings
        let trained = try await ProgressLine.showing(
            report.progressMode, stage: "train", text: { progress.moment.line(of: shown.epochs) }
        ) {
            let trained = try await trainer.train(
                on: source, into: output, checkpointing: noCheckpoint ? .none : restart ? .restart : .resume,
                progress: progress
            ) { event in
                if case .trained(let pass, _, let pace) = event { paces.byPass.withLock { $0[pass] = pace } }
                report.tell(event, of: "train", shown)
            }
            try await trained.publish()
            return trained
        }
        account.add(trained, paces: paces.byPass.withLock { $0 })
        try await account.close(report)
    }

    /// How long passes took, as they end.
    private final class Paces: Sendable {
        let byPass = Mutex<[Int: CloudTrainer.Pace]>([:])
    }
}
