import ArgumentParser
import ByteStreams
import LabelCorrection
import LocalStages
import Samples
import UserPartition

/// `plumb ctr`: a store → the global CTR and users' drift from it.
struct CTRCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ctr",
        abstract: "Measure the global CTR and how far users' local CTRs drift from it.",
        discussion:
            "Looks at train parts only. A global CTR of 0 or 1 is an error: there is nothing to align labels to."
    )

    @Argument(help: "A partition store.", completion: .directory)
    var store: String

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Write ctr.json here; '-' is standard output.", valueName: "path"),
        completion: .file())
    var output = "-"

    @OptionGroup var report: ReportOptions

    func validate() throws {
        try OutputPlaces.requireApart(["-o": output, "--summary": report.summary])
    }

    func run() async throws {
        var account = Account("ctr")
        let source = try await PartitionStore.open(store)
        let result = try await source.localDatasets().measureCTR(stores: [source.manifest.fingerprint])
        try await FileContents.write(result.json(), to: output)
        account.add("users", result.users)
        account.add("train samples", result.counts.samples)
        account.add("positives", result.counts.positives)
        if case .users(let tally, _) = result.origin { account.add("single-class users", tally.singleClassUsers) }
        try await account.close(report)
    }
}
