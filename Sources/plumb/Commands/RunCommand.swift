import ArgumentParser
import ByteStreams
import Evaluation
import LocalStages
import Pipelines
import Samples

/// `plumb run`: a pipeline file → a run folder and one table.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run all stages of a pipeline file in one process and print one table of arms by metrics.",
        discussion: """
            The run folder holds the store, ctr.json, a model, predictions and metrics a seed, and summary.json:
            the same files, byte for byte, that the single stages write.
            """
    )

    @Argument(help: "A pipeline file.", completion: .file(extensions: ["yaml", "yml"]))
    var pipeline: String

    @Option(name: .shortAndLong, help: ArgumentHelp("The run folder.", valueName: "folder"), completion: .directory)
    var output: String?

    @Option(help: ArgumentHelp("Seeds, one model each: 1,2,3.", valueName: "seeds"))
    var seeds: String?

    @OptionGroup var config: ConfigOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var report: ReportOptions

    func validate() throws {
        try OutputPlaces.requireApart(["-o": output, "--summary": report.summary])
    }

    func run() async throws {
        let settings = try await Pipeline(path: pipeline, flags: [SettingOverride("seeds", "--seeds", seeds)])
        if let form = config.form { return try await form.print(settings, sections: Pipeline.sections) }
        guard let output else { throw ValidationError("Name the run folder with -o.") }
        var account = Account("run")
        let run = PipelineRun(settings, into: RunFolder(path: output), threads: threads.threads) { event in
            report.log(Self.line(event))
        }
        let outcome = try await run.run()
        try await FileContents.write(
            Array(ArmsTable(outcome.summary, drift: outcome.ctr.driftRows).description.utf8), to: "-")
        account.add(outcome.ingest)
        account.add("seeds", settings.seeds.count)
        try await account.close(report)
    }

    private static func line(_ event: PipelineRun.Event) -> String {
        switch event {
        case .began(let stage, let seed): "run: \(stage)\(seed.map { ", seed \($0)" } ?? "")"
        case .trained(let seed, let pass, let epoch): "run: train, seed \(seed), \(epoch.line(pass: pass))"
        case .tuned(let seed, let counts):
            "run: finetune, seed \(seed), \(counts.users) users: \(counts.tuned) tuned, \(counts.untuned) not to tune, \(counts.singleClass) single class, "
                + "\(counts.withoutTrain) without train, \(counts.withoutEvaluation) with nothing to score, "
                + "\(counts.diverged) diverged"
        }
    }
}
