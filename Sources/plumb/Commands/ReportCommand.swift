import ArgumentParser
import ByteStreams
import Pipelines
import Samples

/// `plumb report`: a run as a page.
struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Draw a finished run as one HTML page that needs no network.",
        discussion: """
            Arms with their metrics, differences with intervals, users' drift, gains by slice, number of local samples
            and user, calibration, time per stage, settings and fingerprints. Tables sort by the title that is pressed. Writes RUN/report.html.
            """
    )

    @Argument(help: "The folder of a finished run.", completion: .directory)
    var folder: String

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Write here; '-' is standard output.", valueName: "path"),
        completion: .file(extensions: ["html"]))
    var output: String?

    @OptionGroup var threads: ThreadOptions

    func run() async throws {
        let report = try await RunReport(path: folder, threads: threads.threads)
        try await FileContents.write(report.html(), to: output ?? RunReport.place(in: folder))
    }
}
