import ArgumentParser
import ArrowStream
import ByteStreams
import Evaluation
import Pipelines
import Samples

/// `plumb evaluate`: predictions → metrics of every arm.
struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Compute how every arm ranks and how it is calibrated, and hold arms against each other.",
        discussion: """
            One prediction stream gives metrics.json; several, one a seed, give summary.json with means and spreads.
            With --shards all streams are parts of one run: other users of the same store and seed each.
            Differences between arms come with intervals from resampled users and Wilcoxon's test on users' AUC,
            corrected by Holm's rule, and again for slices of users by drift, activity, train labels and items, and
            of users who were held out from the cloud.
            With --to table, or on a terminal, it prints a table instead; on a terminal the table has bars.
            """
    )

    /// What is written.
    enum Form: String, ExpressibleByArgument, CaseIterable { case json, table }

    @Argument(help: "Prediction streams, one a seed; '-' is standard input.", completion: .file())
    var predictions = ["-"]

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Write here; '-' is standard output.", valueName: "path"),
        completion: .file())
    var output = "-"

    @Option(help: "json for scripts, table for eyes. Default: table on a terminal, else json.")
    var to: Form?

    @Option(
        help: ArgumentHelp("The part to evaluate: validation or test.", valueName: "part"),
        completion: .list([Part.validation, .test].map(\.name)))
    var part: String?

    @Flag(help: "The streams are shards of one run, not seeds.")
    var shards = false

    @Option(help: ArgumentHelp("Places of a list that NDCG and hit rate look at.", valueName: "k"))
    var top: Int?

    @Option(help: ArgumentHelp("Resamples of users behind each interval.", valueName: "n"))
    var resamples: Int?

    @Option(
        help: ArgumentHelp("Scores held in memory; what is beyond goes to temporary files.", valueName: "bytes"))
    var memory: String?

    @OptionGroup var threads: ThreadOptions
    @OptionGroup var stage: StageOptions
    @OptionGroup var report: ReportOptions

    func validate() throws {
        try OutputPlaces.requireApart(["-o": output, "--summary": report.summary])
    }

    func run() async throws {
        let flags = [
            SettingOverride("evaluate.part", "--part", part), SettingOverride("evaluate.top", "--top", top),
            SettingOverride("evaluate.resamples", "--resamples", resamples),
            SettingOverride("evaluate.memory", "--memory", memory),
        ]
        guard let pipeline = try await stage.load(sections: ["evaluate"], flags: flags) else { return }
        var account = Account("evaluate")
        for path in predictions { try StreamInput.check(path) }
        var settings = pipeline.evaluate
        settings.threads = threads.threads
        let streams = predictions.map { ThreadedSequence<PredictionBatch>(arrowStream: $0) }
        var runs: [EvaluatedRun] = []
        for part in shards ? [streams] : streams.map({ [$0] }) {
            runs.append(try await ChainedSequence(part).evaluate(settings))
        }
        let sink = try await ByteSink(path: output)
        let summary = try await RunSummary(over: runs, settings.bootstrap, threads: settings.threads)
        switch to ?? (sink.isTerminal ? .table : .json) {
        case .table: try await sink.write(Array(ArmsTable(summary, hasBars: sink.isTerminal).description.utf8))
        case .json: try await sink.write(runs.count == 1 ? runs[0].metrics.json() : summary.json())
        }
        try await sink.publish()
        account.add("samples", summary.scope.samples)
        account.add("users evaluated", summary.scope.users.evaluated)
        account.add("single class", summary.scope.users.singleClass)
        account.add("without \(summary.scope.part.name)", summary.scope.users.withoutRows)
        try await account.close(report)
    }
}
