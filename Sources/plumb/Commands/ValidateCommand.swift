import ArgumentParser
import ByteStreams
import LogIngest
import Pipelines
import Samples

/// `plumb validate`: a pipeline file and the head of its log → what the one makes of the other.
struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check a pipeline file against the head of the real input.",
        discussion: """
            Checks the whole pipeline file, opens every file that it names, looks for the columns, reads side tables and the
            log's first rows, and shows what they become: samples as typed, keys, labels, local CTRs, bad rows.
            Warns where the settings leave nothing to tune on or no drift to correct.
            Exit status: 0 no fault, warnings or not; 1 more bad rows than ingest.max_rejects allows, or a warning with
            --strict; 2 a file cannot be read or lacks a column; 64 the pipeline file is at fault.
            """
    )

    @Argument(help: "A pipeline file.", completion: .file(extensions: ["yaml", "yml"]))
    var pipeline: String

    @Argument(help: "Logs to read instead of the pipeline file's; '-' is standard input.", completion: .file())
    var logs: [String] = []

    @Option(help: ArgumentHelp("Rows of the log to read.", valueName: "n"))
    var rows = 10_000

    @Flag(help: "Take a warning for a failure.")
    var strict = false

    @OptionGroup var report: ReportOptions

    func validate() throws {
        guard rows > 0 else { throw ValidationError("--rows must be at least 1.") }
    }

    func run() async throws {
        var account = Account("validate")
        var settings = try await Pipeline(path: pipeline, flags: [])
        if !logs.isEmpty { settings.ingest?.replaceLog(with: logs) }
        if settings.ingest?.readsStandardInput == true { try StreamInput.check("-") }
        let progress = IngestReport()
        let check = PipelineCheck(settings, file: pipeline, rows: rows)
        let start = ContinuousClock.now
        let findings = try await ProgressLine.showing(
            report.progressMode, stage: "validate", text: { progress.progress.line(after: ContinuousClock.now - start) }
        ) {
            try await check.run(report: progress)
        }
        try await FileContents.write(Array(findings.text.utf8), to: "-")
        account.add("read", findings.progress.rowsRead)
        account.add("kept", findings.progress.rowsKept)
        account.add("rejected", findings.progress.rowsRejected)
        account.add("samples", findings.progress.samples)
        account.add("positives", findings.positives)
        account.add("users", findings.users)
        account.add("warnings", findings.warnings.count)
        try await account.close(report)
        try findings.checkRejects()
        if strict && !findings.warnings.isEmpty { throw UnwantedWarnings(count: findings.warnings.count) }
    }
}

/// Warnings where none are wanted; they have been told.
struct UnwantedWarnings: Error, CustomStringConvertible {
    var count: Int

    var description: String { "error: \(count == 1 ? "there is a warning" : "there are \(count) warnings")" }
}
