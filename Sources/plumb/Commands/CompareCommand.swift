import ArgumentParser
import ByteStreams
import Pipelines
import Samples

/// `plumb compare`: runs side by side.
struct CompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Show runs side by side: what differs in their settings, and in what came of them.",
        discussion: """
            Every setting that decides a result and is not the same in all runs, then each arm's metrics by run, with the
            difference to the first:
              plumb compare build/demo other-run
            """
    )

    /// What is written.
    enum Form: String, ExpressibleByArgument, CaseIterable { case json, table }

    @Argument(help: "Folders of finished runs, two or more.", completion: .directory)
    var runs: [String]

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Write here; '-' is standard output.", valueName: "path"),
        completion: .file())
    var output = "-"

    @Option(help: "table for eyes, the default, or json for scripts.")
    var to = Form.table

    func validate() throws {
        if runs.count < 2 { throw ValidationError("Name two runs or more.") }
    }

    func run() async throws {
        let comparison = try await RunComparison(paths: runs)
        try await FileContents.write(
            to == .json ? comparison.json() : Array(comparison.description.utf8), to: output)
    }
}
