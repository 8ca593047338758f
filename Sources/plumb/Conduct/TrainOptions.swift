import ArgumentParser
import CTRModels
import CloudTraining
import Pipelines

/// What decides the weights of a cloud model, and how much memory making it may take.
struct TrainOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Which model: \(names(of: Architecture.Kind.self)).", valueName: "kind"),
        completion: .list(Architecture.Kind.allCases.map(\.rawValue)))
    var model: String?

    @Option(help: ArgumentHelp("The features that the model sees: item,genres.", valueName: "features"))
    var features: String?

    @Option(help: ArgumentHelp("Numbers an embedding.", valueName: "n"))
    var embeddingDimension: Int?

    @Option(help: ArgumentHelp("Units of each hidden layer: 64,32.", valueName: "sizes"))
    var hiddenSizes: String?

    @Option(
        help: ArgumentHelp(
            "After each hidden layer: \(names(of: Architecture.Activation.self)).", valueName: "function"),
        completion: .list(Architecture.Activation.allCases.map(\.rawValue)))
    var activation: String?

    @Option(help: ArgumentHelp("Share of hidden outputs that a step leaves out.", valueName: "share"))
    var dropout: Double?

    @Option(help: ArgumentHelp("Cross layers of dcn-v2.", valueName: "n"))
    var crossLayers: Int?

    @Option(help: ArgumentHelp("Units of each hidden layer of din's attention: 80,40.", valueName: "sizes"))
    var attentionSizes: String?

    @Option(
        help: ArgumentHelp(
            "Of a multivalued feature's embeddings: \(names(of: Architecture.Field.Pooling.self)).", valueName: "how"),
        completion: .list(Architecture.Field.Pooling.allCases.map(\.rawValue)))
    var pooling: String?

    @Option(
        help: ArgumentHelp("sgd, adam or adagrad.", valueName: "rule"), completion: .list(["sgd", "adam", "adagrad"]))
    var optimizer: String?

    @Option(help: ArgumentHelp("The optimiser's learning rate.", valueName: "rate"))
    var learningRate: Double?

    @Option(
        help: ArgumentHelp(
            "What the learning rate does: \(names(of: LearningRateSchedule.Decay.self)).", valueName: "decay"),
        completion: .list(LearningRateSchedule.Decay.allCases.map(\.rawValue)))
    var schedule: String?

    @Option(help: ArgumentHelp("Steps over which the learning rate rises first.", valueName: "n"))
    var warmupSteps: Int?

    @Option(help: ArgumentHelp("Share of itself that each parameter's gradient gets.", valueName: "share"))
    var weightDecay: Double?

    @Option(help: ArgumentHelp("Samples a step.", valueName: "n"))
    var batchSize: Int?

    @Option(help: ArgumentHelp("The most passes over the samples.", valueName: "n"))
    var epochs: Int?

    @Option(
        help: ArgumentHelp(
            "What tells a better pass on validation: \(names(of: TrainingSettings.Criterion.self)).",
            valueName: "figure"),
        completion: .list(TrainingSettings.Criterion.allCases.map(\.rawValue)))
    var earlyStopping: String?

    @Option(help: ArgumentHelp("Passes without a better one after which training ends.", valueName: "n"))
    var patience: Int?

    @Option(help: ArgumentHelp("Samples in memory; more go to a temporary file: 16MiB.", valueName: "bytes"))
    var memory: String?

    /// The settings that were given.
    var overrides: [SettingOverride?] {
        [
            SettingOverride("train.model", "--model", model),
            SettingOverride("train.features", "--features", features),
            SettingOverride("train.embedding_dimension", "--embedding-dimension", embeddingDimension),
            SettingOverride("train.hidden_sizes", "--hidden-sizes", hiddenSizes),
            SettingOverride("train.activation", "--activation", activation),
            SettingOverride("train.dropout", "--dropout", dropout),
            SettingOverride("train.cross_layers", "--cross-layers", crossLayers),
            SettingOverride("train.attention_sizes", "--attention-sizes", attentionSizes),
            SettingOverride("train.pooling", "--pooling", pooling),
            SettingOverride("train.optimizer", "--optimizer", optimizer),
            SettingOverride("train.learning_rate", "--learning-rate", learningRate),
            SettingOverride("train.schedule", "--schedule", schedule),
            SettingOverride("train.warmup_steps", "--warmup-steps", warmupSteps),
            SettingOverride("train.weight_decay", "--weight-decay", weightDecay),
            SettingOverride("train.batch_size", "--batch-size", batchSize),
            SettingOverride("train.epochs", "--epochs", epochs),
            SettingOverride("train.early_stopping", "--early-stopping", earlyStopping),
            SettingOverride("train.patience", "--patience", patience),
            SettingOverride("train.memory", "--memory", memory),
        ]
    }
}

/// An enumeration's names, for a person: `a, b or c`.
private func names<Choice: RawRepresentable<String> & CaseIterable>(of type: Choice.Type) -> String {
    let names = Choice.allCases.map(\.rawValue)
    guard let last = names.last, names.count > 1 else { return names.joined() }
    return "\(names.dropLast().joined(separator: ", ")) or \(last)"
}
