import ArgumentParser
import ArrowStream
import ByteStreams
import LocalStages
import Pipelines
import Samples
import UserPartition

/// `plumb finetune`: a store, the global CTR and the cloud model → predictions of every arm.
struct FinetuneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "finetune",
        abstract: "Tune a copy of the cloud model for each user and score validation and test samples by every arm.",
        discussion: """
            Each user is tuned twice from the cloud model, on raw and on corrected labels, with the same shuffles.
            Users come out in store order, the same bytes for any number of threads.
            """
    )

    @Argument(help: "A partition store.", completion: .directory)
    var store: String?

    @Option(
        help: ArgumentHelp("The global CTR, as 'plumb ctr' wrote it.", valueName: "ctr.json"),
        completion: .file(extensions: ["json"]))
    var ctr: String?

    @Option(
        help: ArgumentHelp("The cloud model, as 'plumb train' wrote it.", valueName: "model.safetensors"),
        completion: .file(extensions: ["safetensors"]))
    var model: String?

    @Option(help: "Seed of shuffles; by default the first of the pipeline file's.")
    var seed: UInt64?

    @Option(
        help: ArgumentHelp("Arms to score: cloud,finetuned,corrected.", valueName: "arms"),
        completion: .list(Arm.allCases.map(\.rawValue)))
    var arms: String?

    @Option(
        help: ArgumentHelp("sgd, adam or adagrad.", valueName: "name"), completion: .list(["sgd", "adam", "adagrad"]))
    var optimizer: String?

    @Option(help: ArgumentHelp("The optimiser's learning rate.", valueName: "rate"))
    var learningRate: Double?

    @Option(help: ArgumentHelp("Passes over a user's train samples.", valueName: "n"))
    var epochs: Int?

    @Option(help: ArgumentHelp("Samples a step.", valueName: "n"))
    var batchSize: Int?

    @Option(
        help: ArgumentHelp("Users with labels of one class: skip or tune.", valueName: "rule"),
        completion: .list(FineTuningSettings.SingleClass.allCases.map(\.rawValue)))
    var singleClass: String?

    @OptionGroup var stream: StreamOutputOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var users: UserOptions
    @OptionGroup var stage: StageOptions
    @OptionGroup var report: ReportOptions

    func validate() throws {
        try OutputPlaces.requireApart(["-o": stream.output, "--summary": report.summary])
    }

    func run() async throws {
        let flags = [
            SettingOverride("finetune.arms", "--arms", arms),
            SettingOverride("finetune.optimizer", "--optimizer", optimizer),
            SettingOverride("finetune.learning_rate", "--learning-rate", learningRate),
            SettingOverride("finetune.epochs", "--epochs", epochs),
            SettingOverride("finetune.batch_size", "--batch-size", batchSize),
            SettingOverride("finetune.single_class", "--single-class", singleClass),
        ]
        guard let pipeline = try await stage.load(sections: ["correct", "finetune"], flags: flags) else { return }
        guard let store else { throw ValidationError("Name a partition store.") }
        guard let ctr else { throw ValidationError("Name the global CTR's file with --ctr.") }
        guard let model else { throw ValidationError("Name the cloud model's file with --model.") }
        var account = Account("finetune")
        let source = try await users.restrict(PartitionStore.open(store))
        let measured = try await CTRReport(path: ctr)
        let tuning = try FineTuningStage(
            pipeline.finetune, store: source,
            model: try await ModelFile(path: model), ctr: measured, seed: seed ?? pipeline.seeds[0])
        let outcome = FineTuningReport()
        let userCount = tuning.schema.users
        let written = try await ProgressLine.showing(
            report.progressMode, stage: "finetune",
            text: { "\(outcome.counts.users) of \(userCount) users" }
        ) {
            let samples = source.localDatasets().correctingLabels(
                to: measured.globalCTR, by: pipeline.finetune.correction)
            return try await tuning.predictions(for: samples, threads: threads.threads, report: outcome)
                .write(to: stream.open(), as: stream.format)
        }
        account.add(outcome.counts)
        account.add("predictions", written.rows)
        try await account.close(report)
    }
}

extension Account {
    /// What became of users: the numbers add up to the first.
    mutating func add(_ counts: FineTuningReport.Counts) {
        add("users", counts.users)
        add("tuned", counts.tuned)
        add("not to tune", counts.untuned)
        add("single class", counts.singleClass)
        add("without train", counts.withoutTrain)
        add("nothing to score", counts.withoutEvaluation)
        add("diverged", counts.diverged)
    }
}
