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
        abstract: "Compute AUC, GAUC, user-mean AUC, log loss, PCOC and ECE of every arm.",
        discussion: """
            One prediction stream gives metrics.json; several, one a seed, give summary.json with means and spreads.
            With --to table, or on a terminal, it prints a table instead.
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

    @OptionGroup var stage: StageOptions
    @OptionGroup var report: ReportOptions

    func validate() throws {
        try OutputPlaces.requireApart(["-o": output, "--summary": report.summary])
    }

    func run() async throws {
        let flags = [SettingOverride("evaluate.part", "--part", part)]
        guard let pipeline = try await stage.load(sections: ["evaluate"], flags: flags) else { return }
        var account = Account("evaluate")
        var metrics: [RunMetrics] = []
        for path in predictions {
            try StreamInput.check(path)
            metrics.append(try await ThreadedSequence<PredictionBatch>(arrowStream: path).evaluate(pipeline.evaluate))
        }
        let sink = try await ByteSink(path: output)
        let summary = try RunSummary(over: metrics)
        switch to ?? (sink.isTerminal ? .table : .json) {
        case .table: try await sink.write(Array(ArmsTable(summary).description.utf8))
        case .json: try await sink.write(metrics.count == 1 ? metrics[0].json() : summary.json())
        }
        try await sink.publish()
        account.add("samples", summary.scope.samples)
        account.add("users evaluated", summary.scope.users.evaluated)
        account.add("single class", summary.scope.users.singleClass)
        account.add("without \(summary.scope.part.name)", summary.scope.users.withoutRows)
        try await account.close(report)
    }
}
