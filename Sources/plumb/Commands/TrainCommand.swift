import ArgumentParser
import ByteStreams
import CTRModels
import CloudTraining
import Evaluation
import LocalStages
import Pipelines
import Samples
import UserPartition

/// `plumb train`: a store → the cloud model.
struct TrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train the cloud model on all users' train parts.",
        discussion: "The pass with the best validation GAUC is kept. The test part is never looked at."
    )

    @Argument(help: "A partition store.", completion: .directory)
    var store: String?

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Write the model here, as safetensors.", valueName: "path"),
        completion: .file(extensions: ["safetensors"]))
    var output: String?

    @Option(help: "Seed of first weights and shuffles; by default the first of the pipeline file's.")
    var seed: UInt64?

    @Option(
        help: ArgumentHelp("lr, fm, wide-deep, deepfm, pnn, dcn-v2, din or dien.", valueName: "kind"),
        completion: .list(Architecture.Kind.allCases.map(\.rawValue)))
    var model: String?

    @Option(help: ArgumentHelp("The most passes over the samples.", valueName: "n"))
    var epochs: Int?

    @Option(help: ArgumentHelp("Samples a step.", valueName: "n"))
    var batchSize: Int?

    @Option(help: ArgumentHelp("The optimiser's learning rate.", valueName: "rate"))
    var learningRate: Double?

    @OptionGroup var users: UserOptions
    @OptionGroup var stage: StageOptions
    @OptionGroup var report: ReportOptions

    func validate() throws {
        try OutputPlaces.requireApart(["-o": output, "--summary": report.summary])
    }

    func run() async throws {
        let flags = [
            SettingOverride("train.model", "--model", model),
            SettingOverride("train.epochs", "--epochs", epochs),
            SettingOverride("train.batch_size", "--batch-size", batchSize),
            SettingOverride("train.learning_rate", "--learning-rate", learningRate),
        ]
        guard let pipeline = try await stage.load(sections: ["train"], flags: flags) else { return }
        guard let store else { throw ValidationError("Name a partition store.") }
        guard let output else { throw ValidationError("Name the model's file with -o.") }
        var account = Account("train")
        let source = try await users.restrict(PartitionStore.open(store))
        let seed = seed ?? pipeline.seeds[0]
        // Opened first: a place that cannot be written should not be found out after the training.
        let sink = try await ByteSink(path: output)
        let trained = try await CloudTrainer(pipeline.train, seed: seed).train(on: source) { number, epoch in
            report.log("train: \(epoch.line(pass: number))")
        }
        try await sink.write(trained.safetensors(store: source.manifest, seed: seed))
        try await sink.publish()
        account.add("train samples", trained.trainSamples)
        account.add("passes", trained.epochs.count)
        account.add("best pass", trained.best + 1)
        try await account.close(report)
    }
}

extension CloudModel.Epoch {
    /// `pass 3: loss 0.6123, validation GAUC 0.6581`.
    func line(pass: Int) -> String {
        let gauc = validationGAUC.map { "validation GAUC \(FixedPoint.text($0))" } ?? "no user to rank on validation"
        return "pass \(pass): loss \(FixedPoint.text(loss)), \(gauc)"
    }
}
