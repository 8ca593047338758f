public import ArgumentParser
import ByteStreams
import CloudTraining
import Evaluation
import LocalStages
public import Pipelines
import Samples
import UserPartition

/// `plumb run`: a pipeline file → a run folder and one table.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run all stages of a pipeline file in one process and print one table of arms by metrics.",
        discussion: """
            The run folder holds the store, ctr.json, a model, predictions and metrics
            a seed, and summary.json: the same files, byte for byte, that the single
            stages write. Beside them stages.json says what each was made from.

            A stage is skipped if its inputs, settings and version are the same and its
            files still as it made them. The run says on standard error what it does
            and why.
            """
    )

    @Argument(help: "A pipeline file.", completion: .file(extensions: ["yaml", "yml"]))
    var pipeline: String

    @Option(name: .shortAndLong, help: ArgumentHelp("The run folder.", valueName: "folder"), completion: .directory)
    var output: String?

    @Option(help: ArgumentHelp("Seeds, one model each: 1,2,3.", valueName: "seeds"))
    var seeds: String?

    @Option(
        help: ArgumentHelp(
            "Do this stage and all after it, even if nothing changed.", valueName: "stage"),
        completion: .list(RunStage.allCases.map(\.rawValue)))
    var from: RunStage?

    @Option(
        help: ArgumentHelp("Stop after this stage; a later run goes on from there.", valueName: "stage"),
        completion: .list(RunStage.allCases.map(\.rawValue)))
    var until = RunStage.evaluate

    @OptionGroup var config: ConfigOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var report: ReportOptions

    func validate() throws {
        try OutputPlaces.requireApart(["-o": output, "--summary": report.summary])
        if let from, from > until {
            throw ValidationError("--from \(from.rawValue) comes after --until \(until.rawValue).")
        }
    }

    func run() async throws {
        let settings = try await Pipeline(path: pipeline, flags: [SettingOverride("seeds", "--seeds", seeds)])
        if let form = config.form { return try await form.print(settings, sections: Pipeline.sections) }
        guard let output else { throw ValidationError("Name the run folder with -o.") }
        var account = Account("run")
        let run = PipelineRun(
            settings, into: RunFolder(path: output), threads: threads.threads, version: Plumb.version, from: from,
            until: until
        ) { event in
            switch event {
            case .skipped(let step): report.say("run: \(step): skipped, nothing changed")
            case .began(let step, let reason): report.say("run: \(step): \(reason)")
            case .changedWhileRead(let path):
                report.say("run: \(path) was changed while it was read; the next run reads it again")
            case .partitioned(let work, let manifest):
                report.log("run: partition, \(Self.line(work, manifest))")
            case .training(let seed, let event): report.tell(event, of: "run: train, seed \(seed)", settings.train)
            case .tuned(let seed, let counts): report.log(Self.line(counts, seed: seed))
            }
        }
        let outcome = try await run.run()
        if let summary = outcome.summary {
            let sink = try await ByteSink(path: "-")
            let table = ArmsTable(summary, drift: outcome.ctr?.driftRows ?? [], hasBars: sink.isTerminal)
            try await sink.write(Array(table.description.utf8))
            try await sink.publish()
        }
        if let ingest = outcome.ingest { account.add(ingest) }
        account.add("seeds", settings.seeds.count)
        try await account.close(report)
    }

    private static func line(_ work: PartitionAccount, _ manifest: PartitionManifest) -> String {
        var account = Account("partition")
        account.add(work, manifest)
        return account.numbersText
    }

    private static func line(_ counts: FineTuningReport.Counts, seed: UInt64) -> String {
        var account = Account("finetune")
        account.add(counts, savesOverlays: false)
        let gate = counts.gateText.map { "; gate: \($0)" } ?? ""
        return "run: finetune, seed \(seed), \(account.numbersText)\(gate)"
    }
}

extension RunStage: ExpressibleByArgument {}
