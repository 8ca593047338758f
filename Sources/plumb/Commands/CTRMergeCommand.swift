import ArgumentParser
import ByteStreams
import LocalStages
import Samples

/// `plumb ctr merge`: reports of many machines or devices → one.
struct CTRMergeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Add up what was measured on many machines, or what many devices sent.",
        discussion: """
            Reports of stores give the same bytes as one over all their users would, if no
            user stands in two of them; a store that comes twice is an error. Lines of
            devices, as plumb ctr device writes them, any number a file, give an estimate
            and the deviation of its noise. The two kinds do not mix.

              plumb ctr merge north.json south.json -o ctr.json
              cat reports/*.jsonl | plumb ctr merge - -o ctr.json
            """
    )

    @Argument(
        help: "Files of 'plumb ctr' or 'plumb ctr device'; '-' is standard input.",
        completion: .file(extensions: ["json", "jsonl"]))
    var reports: [String]

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Write ctr.json here; '-' is standard output.", valueName: "path"),
        completion: .file())
    var output = "-"

    @OptionGroup var report: ReportOptions

    func validate() throws {
        try OutputPlaces.requireApart(["-o": output, "--summary": report.summary])
        guard reports.count(where: { $0 == "-" }) <= 1 else {
            throw ValidationError("Standard input, '-', can be read only once.")
        }
    }

    func run() async throws {
        var account = Account("ctr merge")
        let result = try await CTRReport.merging(reports)
        try await FileContents.write(result.json(), to: output)
        account.add("files", reports.count)
        account.add(result)
        try await account.close(report)
    }
}
