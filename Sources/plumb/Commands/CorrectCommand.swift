import ArgumentParser
import ArrowStream
import LabelCorrection
import LocalStages
import Pipelines
import Samples
import UserPartition

/// `plumb correct`: a store → its samples with `label` and `label_corrected`.
struct CorrectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "correct",
        abstract: "Correct each user's train labels towards the global CTR.",
        discussion: """
            Writes every sample of the store with its label and its corrected label. Only train labels change:
              plumb correct store --ctr ctr.json --to jsonl | head
            reweight and logit-adjust change none: they act while 'plumb finetune' trains.
            """
    )

    @Argument(help: "A partition store.", completion: .directory)
    var store: String?

    @Option(
        help: ArgumentHelp("The global CTR, as 'plumb ctr' wrote it.", valueName: "ctr.json"),
        completion: .file(extensions: ["json"]))
    var ctr: String?

    @Option(
        help: ArgumentHelp(
            "The most train samples of a user to correct, the newest, as finetune.max_samples says.", valueName: "n"))
    var maxSamples: Int?

    @OptionGroup var correction: CorrectionOptions
    @OptionGroup var stream: StreamOutputOptions
    @OptionGroup var users: UserOptions
    @OptionGroup var stage: StageOptions
    @OptionGroup var report: ReportOptions

    func validate() throws {
        try OutputPlaces.requireApart(["-o": stream.output, "--summary": report.summary])
    }

    func run() async throws {
        let flags = correction.overrides + [SettingOverride("finetune.max_samples", "--max-samples", maxSamples)]
        guard let pipeline = try await stage.load(sections: ["correct"], flags: flags) else { return }
        guard let store else { throw ValidationError("Name a partition store.") }
        guard let ctr else { throw ValidationError("Name the global CTR's file with --ctr.") }
        var account = Account("correct")
        let measured = try await CTRReport(path: ctr)
        let source = try await users.restrict(PartitionStore.open(store))
        try measured.check(against: source)
        let method = pipeline.finetune.correction.method
        if !method.changesLabels {
            report.say("correct: \(method.rawValue) leaves labels as they are; it acts while 'plumb finetune' trains")
        }
        let written = try await source.localDatasets()
            .correctingLabels(
                to: measured.globalCTR, by: pipeline.finetune.correction, newest: pipeline.finetune.mostSamples
            )
            .write(to: stream.open(), as: stream.format)
        account.add("samples", written.rows)
        account.add("bytes", written.bytes)
        account.addDetail("method", json: "\"\(method.rawValue)\"")
        try await account.close(report)
    }
}
