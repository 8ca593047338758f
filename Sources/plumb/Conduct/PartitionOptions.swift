import ArgumentParser
import Pipelines
import UserPartition

/// What decides the content of a store.
struct PartitionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Shares of train, validation and test, 0.7,0.1,0.2; or last,1,1 or dates,2024-02-01,2024-02-15.",
            valueName: "rule"))
    var split: String?

    @Option(help: ArgumentHelp("The cloud model sees train samples before this time only.", valueName: "time"))
    var cloudUntil: String?

    @Option(help: ArgumentHelp("Leave out users with fewer samples.", valueName: "n"))
    var minSamples: Int?

    @Option(help: ArgumentHelp("Leave out users with more samples.", valueName: "n"))
    var maxSamples: Int?

    @Option(help: ArgumentHelp("Leave out users with fewer positive samples.", valueName: "n"))
    var minPositives: Int?

    @Option(help: ArgumentHelp("Share of users whom the cloud never sees: 10%.", valueName: "share"))
    var heldOut: String?

    @Option(help: ArgumentHelp("Seed of the choice of held-out users.", valueName: "n"))
    var heldOutSeed: UInt64?

    @Option(help: ArgumentHelp("Features to make histories of: item,category.", valueName: "features"))
    var history: String?

    @Option(help: ArgumentHelp("Positives in a history.", valueName: "n"))
    var historyLength: Int?

    @Option(
        help: ArgumentHelp("What samples after the train part see: online or train-end.", valueName: "reach"),
        completion: .list(HistorySettings.Reach.allCases.map(\.rawValue)))
    var historyReach: String?

    @Option(help: ArgumentHelp("Negatives drawn for each positive sample.", valueName: "n"))
    var negatives: Int?

    @Option(
        help: ArgumentHelp("How items are drawn: uniform or popularity.", valueName: "rule"),
        completion: .list(NegativeSettings.Draw.allCases.map(\.rawValue)))
    var negativesDraw: String?

    @Option(help: ArgumentHelp("Features that go with a drawn item: category.", valueName: "features"))
    var negativesItemFeatures: String?

    @Option(help: ArgumentHelp("Seed of drawn negatives.", valueName: "n"))
    var negativesSeed: UInt64?

    @Option(
        help: ArgumentHelp("Replace user keys by a keyed hash; the file is the key.", valueName: "keyfile"),
        completion: .file())
    var pseudonymize: String?

    @Option(help: ArgumentHelp("Number of bucket files.", valueName: "n"))
    var buckets: Int?

    @Option(help: ArgumentHelp("Memory; beyond it rows go to temporary files: 256MiB.", valueName: "bytes"))
    var memory: String?

    /// The settings that were given.
    var overrides: [SettingOverride?] {
        [
            SettingOverride("partition.split", "--split", split),
            SettingOverride("partition.cloud_until", "--cloud-until", cloudUntil),
            SettingOverride("partition.min_samples", "--min-samples", minSamples),
            SettingOverride("partition.max_samples", "--max-samples", maxSamples),
            SettingOverride("partition.min_positives", "--min-positives", minPositives),
            SettingOverride("partition.held_out", "--held-out", heldOut),
            SettingOverride("partition.held_out_seed", "--held-out-seed", heldOutSeed),
            SettingOverride("partition.history.features", "--history", history),
            SettingOverride("partition.history.length", "--history-length", historyLength),
            SettingOverride("partition.history.reach", "--history-reach", historyReach),
            SettingOverride("partition.negatives.per_positive", "--negatives", negatives),
            SettingOverride("partition.negatives.draw", "--negatives-draw", negativesDraw),
            SettingOverride("partition.negatives.item_features", "--negatives-item-features", negativesItemFeatures),
            SettingOverride("partition.negatives.seed", "--negatives-seed", negativesSeed),
            SettingOverride("partition.pseudonymize", "--pseudonymize", pseudonymize),
            SettingOverride("partition.buckets", "--buckets", buckets),
            SettingOverride("partition.memory", "--memory", memory),
        ]
    }
}
