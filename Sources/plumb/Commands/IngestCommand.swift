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

    @Argument(help: "Logs to read instead of the pipeline file's; '-' is standard input.", completion: .file())
    var logs: [String] = []

    @Flag(help: "Write each user's number of samples and of positive ones as CSV, and no samples.")
    var counts = false

    @Option(help: ArgumentHelp("Also write the keys behind the ids.", valueName: "path"), completion: .file())
    var vocabulary: String?

    @Option(
        help: ArgumentHelp("Keep the ids of this vocabulary; keys that are not in it get id 0.", valueName: "path"),
        completion: .file())
    var reuseVocabulary: String?

    @Option(
        help: ArgumentHelp("Write bad rows here, one JSON object each, and go on.", valueName: "path"),
        completion: .file())
    var rejects: String?

    @Option(help: ArgumentHelp("Bad rows that are no failure: a number, or a share such as 0.1%.", valueName: "n"))
    var maxRejects: String?

    @Flag(help: "Keep the rows before the damage where a file is damaged or cut off.")
    var salvage = false

    @OptionGroup(title: "Limits") var limits: LimitOptions
    @OptionGroup var stream: StreamOutputOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var stage: StageOptions
    @OptionGroup var report: ReportOptions

    func validate() throws {
        try OutputPlaces.requireApart([
            "-o": stream.output, "--vocabulary": vocabulary, "--rejects": rejects, "--summary": report.summary,
        ])
        if counts, let format = stream.to, format != .csv {
            throw ValidationError("--counts writes CSV, not \(format.rawValue).")
        }
    }

    func run() async throws {
        guard stage.pipeline != nil else { throw ValidationError("Name a pipeline file with --pipeline.") }
        let flags =
            [
                SettingOverride("ingest.vocabulary", "--reuse-vocabulary", reuseVocabulary),
                SettingOverride("ingest.max_rejects", "--max-rejects", maxRejects),
                SettingOverride("ingest.salvage", "--salvage", salvage ? true : nil),
            ] + limits.overrides
        guard let pipeline = try await stage.load(sections: ["ingest"], flags: flags) else { return }
        guard var settings = pipeline.ingest else {
            throw StageError(
                .usage, "the section `ingest` is missing", at: stage.pipeline.map { SourcePosition(file: $0) })
        }
        if !logs.isEmpty { settings.replaceLog(with: logs) }
        if settings.readsStandardInput { try StreamInput.check("-") }
        try await ingest(settings)
    }

    private func ingest(_ settings: IngestSettings) async throws {
        var account = Account("ingest")
        let progress = IngestReport()
        var rejectFile: RejectFile?
        if let rejects { rejectFile = try RejectFile(path: rejects) }
        // Opened first: a place that cannot be written should not be found out after the log was read.
        var vocabularySink: ByteSink?
        if let vocabulary { vocabularySink = try await ByteSink(path: vocabulary) }
        let samples = LogIngest(settings).samples(report: progress, rejects: rejectFile, threads: threads.threads)
        do {
            let start = ContinuousClock.now
            try await ProgressLine.showing(
                report.progressMode, stage: "ingest",
                text: { progress.progress.line(after: ContinuousClock.now - start) }
            ) {
                if counts {
                    let sink = try await ByteSink(path: stream.output)
                    var counts = UserCounts(settings.userKind)
                    for try await batch in samples { try counts.add(batch) }
                    try await sink.write(counts.csv())
                    try await sink.publish()
                } else {
                    _ = try await samples.write(to: stream.open(), as: stream.format)
                }
            }
        } catch let error as StageError where [.tooManyRejects, .data, .refused].contains(error.code) {
            // What is bad was asked for; it is of most use where the ingest fails for it.
            try await rejectFile?.publish()
            throw error
        } catch {
            rejectFile?.discard()
            if let error = error as? StageError, error.code == .closedPipe {
                // A reader such as `head` may go; what was asked for beside its stream may not be missing in silence.
                for path in [vocabulary, rejects].compactMap(\.self) {
                    StandardError.write(
                        "plumb ingest: \(path) was not written: the samples' reader left before the log's end\n")
                }
            }
            throw error
        }
        try await rejectFile?.publish()
        if let vocabularySink {
            try await vocabularySink.write(progress.vocabularyFile())
            try await vocabularySink.publish()
        }
        account.add(progress)
        try await account.close(report)
    }
}

extension IngestSettings {
    /// Reads these files as the log.
    mutating func replaceLog(with paths: [String]) {
        for index in sources.indices where sources[index].name == log { sources[index].paths = paths }
    }

    /// Whether one of the sources is standard input.
    var readsStandardInput: Bool { sources.contains { $0.paths.contains("-") } }
}
