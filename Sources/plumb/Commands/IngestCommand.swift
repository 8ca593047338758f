import ArgumentParser
import ArrowStream
import ByteStreams
import LogIngest
import Pipelines
import Samples

/// `plumb ingest`: raw logs → samples.
struct IngestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Turn raw, compressed logs into typed samples.",
        discussion: """
            A pipeline file says what the columns mean. Logs named here take the place of its log's files.
            Compressed or not is seen from the content, not from the name.
            """
    )

    @Argument(help: "Logs to read instead of the pipeline file's; '-' is standard input.")
    var logs: [String] = []

    @Option(help: ArgumentHelp("Also write the keys behind the ids.", valueName: "path"))
    var vocabulary: String?

    @OptionGroup var stream: StreamOutputOptions
    @OptionGroup var stage: StageOptions
    @OptionGroup var report: ReportOptions

    func run() async throws {
        guard stage.pipeline != nil else { throw ValidationError("Name a pipeline file with --pipeline.") }
        guard let pipeline = try await stage.load(sections: ["ingest"]) else { return }
        guard var settings = pipeline.ingest else {
            throw StageError(
                .usage, "the section `ingest` is missing", at: stage.pipeline.map { SourcePosition(file: $0) })
        }
        if !logs.isEmpty { settings.replaceLog(with: logs) }
        if settings.readsStandardInput { try StreamInput.check("-") }
        var account = Account("ingest")
        let progress = IngestReport()
        do {
            _ = try await ProgressLine.showing(report.progressMode, stage: "ingest", text: { progress.progress.line }) {
                try await LogIngest(settings).samples(report: progress).write(to: stream.open(), as: stream.to)
            }
        } catch let error as StageError where error.code == .closedPipe {
            // A reader such as `head` may go; what was asked for beside its stream may not be missing in silence.
            if let vocabulary {
                StandardError.write(
                    "plumb ingest: \(vocabulary) was not written: the samples' reader left before the log's end\n")
            }
            throw error
        }
        if let vocabulary { try await FileContents.write(progress.vocabularyFile(), to: vocabulary) }
        account.add("read", progress.progress.rowsRead)
        account.add("kept", progress.progress.rowsKept)
        account.add("rejected", progress.progress.rowsRejected)
        account.add("bytes read", progress.progress.compressedBytesRead)
        try await account.close(report)
    }
}

extension IngestReport.Progress {
    /// `1234 rows, 12 of 40 MiB`.
    fileprivate var line: String {
        let total = compressedBytesTotal.map { " of \($0 >> 20)" } ?? ""
        return "\(rowsRead) rows, \(compressedBytesRead >> 20)\(total) MiB"
    }
}

extension IngestSettings {
    /// Reads these files as the log.
    fileprivate mutating func replaceLog(with paths: [String]) {
        for index in sources.indices where sources[index].name == log { sources[index].paths = paths }
    }

    fileprivate var readsStandardInput: Bool { sources.contains { $0.paths.contains("-") } }
}
