import ArgumentParser
import ArrowStream
import ByteStreams
import LocalStages
import Pipelines
import Samples
import UserPartition

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// `plumb finetune`: a store, the global CTR and the cloud model → predictions of every arm.
struct FinetuneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "finetune",
        abstract: "Tune a copy of the cloud model for each user and score validation and test samples by every arm.",
        discussion: """
            Each user is tuned from the cloud model once for every way of correcting labels that the arms name, with
            the same shuffles. Users come out in store order, the same bytes for any number of threads.
            The arm corrected_gated keeps tuned weights only for users whom they rank no worse on validation.
            Into a file, finished users are written down in FILE.checkpoint as it goes: killed or interrupted, the same
            command goes on from there.
            """
    )

    @Argument(help: "A partition store.", completion: .directory)
    var store: String?

    @Option(
        help: ArgumentHelp("The global CTR, as 'plumb ctr' wrote it.", valueName: "ctr.json"),
        completion: .file(extensions: ["json"]))
    var ctr: String?

    @Option(
        help: ArgumentHelp("The cloud model, as 'plumb train' wrote it.", valueName: "model.safetensors"),
        completion: .file(extensions: ["safetensors"]))
    var model: String?

    @Option(help: "Seed of shuffles; by default the first of the pipeline file's.")
    var seed: UInt64?

    @Option(
        help: ArgumentHelp(
            "Also write a line of CSV for each user: samples, losses, kept or not and why.", valueName: "path"),
        completion: .file())
    var usersTable: String?

    @Option(help: ArgumentHelp("Also write how long users took, as JSON.", valueName: "path"), completion: .file())
    var timings: String?

    @Option(
        help: ArgumentHelp(
            "Also write what each device would keep, as a tar archive with a safetensors file a user.",
            valueName: "path"
        ),
        completion: .file(extensions: ["tar"]))
    var saveOverlays: String?

    @Flag(help: "Remove a checkpoint that stands there and start anew.")
    var restart = false

    @Flag(name: .customLong("no-checkpoint"), help: "Write no checkpoint, and go on from none.")
    var noCheckpoint = false

    @OptionGroup(title: "How users are tuned") var tuning: FineTuningOptions
    @OptionGroup var correction: CorrectionOptions
    @OptionGroup var stream: StreamOutputOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var users: UserOptions
    @OptionGroup var stage: StageOptions
    @OptionGroup var report: ReportOptions

    func validate() throws {
        try OutputPlaces.requireApart([
            "-o": stream.output, "--users-table": usersTable, "--save-overlays": saveOverlays, "--timings": timings,
            "--summary": report.summary,
        ])
        if restart && noCheckpoint { throw ValidationError("--restart and --no-checkpoint do not go together.") }
    }

    func run() async throws {
        let flags = tuning.overrides + correction.overrides
        guard let pipeline = try await stage.load(sections: ["correct", "finetune"], flags: flags) else { return }
        guard let store else { throw ValidationError("Name a partition store.") }
        guard let ctr else { throw ValidationError("Name the global CTR's file with --ctr.") }
        guard let model else { throw ValidationError("Name the cloud model's file with --model.") }
        var account = Account("finetune")
        let source = try await users.restrict(PartitionStore.open(store))
        let (cloud, measured) = (try await ModelFile(path: model), try await CTRReport(path: ctr))
        let work = try await BlockingThread().run { [seed] () throws(StageError) in
            try FineTuningStage(
                pipeline.finetune, store: source, model: cloud, ctr: measured, seed: seed ?? pipeline.seeds[0])
        }
        try stream.requireNoTerminal()
        if saveOverlays == "-" && isatty(STDOUT_FILENO) == 1 {
            throw ValidationError("An archive of overlays is not for a terminal: name a file with --save-overlays.")
        }
        let outcome = FineTuningReport()
        let times = timings == nil ? nil : FineTuningTimings()
        let userCount = work.schema.users
        let start = ContinuousClock.now
        let written = try await ProgressLine.showing(
            report.progressMode, stage: "finetune",
            text: { "\(outcome.counts.users) of \(userCount) users" }
        ) {
            let output = FineTuningOutput(
                predictions: stream.output, format: stream.format, usersTable: usersTable, overlays: saveOverlays,
                maker: "plumb \(Plumb.version)", checkpointing: noCheckpoint ? .none : restart ? .restart : .resume)
            return try await work.write(
                source, to: output, threads: threads.threads, report: outcome, timings: times
            ) { event in
                switch event {
                case .resumed(let users):
                    report.say("finetune: goes on after \(users) of \(userCount) users, from its checkpoint")
                case .startedAnew(let reason):
                    report.say("finetune: starts anew and not from its checkpoint: \(reason)")
                }
            }
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        if let timings, let times {
            try await FileContents.write(
                times.json(outcome.counts, threads: threads.threads, seconds: seconds), to: timings)
        }
        for user in outcome.named { report.say("finetune: user \(user.user.description): \(user.text)") }
        let unnamed = outcome.counts.faulty - outcome.named.count
        if unnamed > 0 { report.say("finetune: and \(unnamed) users more, see --users-table") }
        if let gate = outcome.counts.gateText { report.say("finetune: gate: \(gate)") }
        account.add(outcome.counts, savesOverlays: saveOverlays != nil)
        account.add("predictions", written.rows)
        try await account.close(report)
    }
}

extension Account {
    /// What became of users: outcomes add up to the first number, the gate's reasons too. `kept` is among neither.
    mutating func add(_ counts: FineTuningReport.Counts, savesOverlays: Bool) {
        add("users", counts.users)
        for outcome in UserOutcome.allCases { add(outcome.rawValue, counts[outcome]) }
        add("kept", counts.kept)
        if let gate = counts.gateJSON { addDetail("gate", json: gate) }
        guard savesOverlays else { return }
        add("overlays", counts.overlays)
        add("overlay bytes a user", counts.overlayBytes / max(1, counts.overlays))
        add("most overlay bytes", counts.mostOverlayBytes)
    }
}
