import ArgumentParser
import CTRModels
import FineTuning
import LabelCorrection
import LocalStages
import Pipelines

/// What decides how every user is tuned and scored.
struct FineTuningOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Arms to score, by commas: cloud, cloud_prior, finetuned, corrected, corrected_prior, corrected_gated, corrected_METHOD, item_mean.",
            valueName: "arms"),
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
        help: ArgumentHelp("What moves: all, dense, embeddings, last-layer or bias.", valueName: "part"),
        completion: .list(ParameterPart.allCases.map(\.rawValue)))
    var tuned: String?

    @Option(help: ArgumentHelp("Strength of the L2 pull towards the cloud's weights.", valueName: "strength"))
    var pull: Double?

    @Option(help: ArgumentHelp("The most train samples of a user to tune on, the newest.", valueName: "n"))
    var maxSamples: Int?

    @Option(help: ArgumentHelp("The fewest train samples to tune a user with.", valueName: "n"))
    var minSamples: Int?

    @Option(
        help: ArgumentHelp("Users with labels of one class: skip or tune.", valueName: "rule"),
        completion: .list(FineTuningSettings.SingleClass.allCases.map(\.rawValue)))
    var singleClass: String?

    @Option(
        help: ArgumentHelp("How a user's level is restored: offset or match.", valueName: "rule"),
        completion: .list(PriorRestoration.Rule.allCases.map(\.rawValue)))
    var restore: String?

    @Option(
        help: ArgumentHelp(
            "The gate's choice with few validation samples or one class: cloud or tuned.", valueName: "model"),
        completion: .list(Gate.Default.allCases.map(\.rawValue)))
    var gateDefault: String?

    /// The settings that were given.
    var overrides: [SettingOverride?] {
        [
            SettingOverride("finetune.arms", "--arms", arms),
            SettingOverride("finetune.optimizer", "--optimizer", optimizer),
            SettingOverride("finetune.learning_rate", "--learning-rate", learningRate),
            SettingOverride("finetune.epochs", "--epochs", epochs),
            SettingOverride("finetune.batch_size", "--batch-size", batchSize),
            SettingOverride("finetune.tuned", "--tuned", tuned),
            SettingOverride("finetune.pull", "--pull", pull),
            SettingOverride("finetune.max_samples", "--max-samples", maxSamples),
            SettingOverride("finetune.min_samples", "--min-samples", minSamples),
            SettingOverride("finetune.single_class", "--single-class", singleClass),
            SettingOverride("finetune.restore", "--restore", restore),
            SettingOverride("finetune.gate_default", "--gate-default", gateDefault),
        ]
    }
}
