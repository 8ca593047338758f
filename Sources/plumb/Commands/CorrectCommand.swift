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
        abstract: "Correct each user's train labels so that their mean is the global CTR.",
        discussion: """
            Writes every sample of the store with its label and its corrected label. Only train labels change:
              plumb correct store --ctr ctr.json --to jsonl | head
            """
    )

    @Argument(help: "A partition store.", completion: .directory)
    var store: String?

    @Option(
        help: ArgumentHelp("The global CTR, as 'plumb ctr' wrote it.", valueName: "ctr.json"),
        completion: .file(extensions: ["json"]))
    var ctr: String?

    @Option(
        help: ArgumentHelp("How labels are corrected.", valueName: "method"),
        completion: .list(CorrectionMethod.allCases.map(\.rawValue)))
    var method: String?

    @OptionGroup var stream: StreamOutputOptions
    @OptionGroup var users: UserOptions
    @OptionGroup var stage: StageOptions
    @OptionGroup var report: ReportOptions

    func validate() throws {
        try OutputPlaces.requireApart(["-o": stream.output, "--summary": report.summary])
    }

    func run() async throws {
        let flags = [SettingOverride("correct.method", "--method", method)]
        guard let pipeline = try await stage.load(sections: ["correct"], flags: flags) else { return }
        guard let store else { throw ValidationError("Name a partition store.") }
        guard let ctr else { throw ValidationError("Name the global CTR's file with --ctr.") }
        var account = Account("correct")
        let measured = try await CTRReport(path: ctr)
        let source = try await users.restrict(PartitionStore.open(store))
        try measured.check(against: source)
        let written = try await source.localDatasets()
            .correctingLabels(to: measured.globalCTR, by: pipeline.finetune.correction)
            .write(to: stream.open(), as: stream.format)
        account.add("samples", written.rows)
        account.add("bytes", written.bytes)
        try await account.close(report)
    }
}
