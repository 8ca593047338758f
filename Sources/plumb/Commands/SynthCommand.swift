import ArgumentParser
import ByteStreams
import LogSynthesis
import Samples
import Synchronization

/// `plumb synth`: a log of any size from a seed, and the truth behind it.
struct SynthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "synth",
        abstract: "Make a log of any size from a seed, with known drift and known preferences.",
        discussion: """
            Writes CSV: user,item,category,time,click. Users' activity is log-normal, items
            follow Zipf's law, local CTRs a Beta distribution. The same settings give the
            same bytes on every machine; memory does not grow with the log.

              plumb synth --truth truth.csv | gzip > log.csv.gz
              plumb ingest log.csv.gz --pipeline pipelines/synth.yaml -o samples.arrows
            """
    )

    @Option(help: "Rows.")
    var rows = SynthesisSettings().rows

    @Option(help: "Users.")
    var users = SynthesisSettings().users

    @Option(help: "Items.")
    var items = SynthesisSettings().items

    @Option(help: "Categories of items.")
    var categories = SynthesisSettings().categories

    @Option(help: "What all randomness comes from.")
    var seed = SynthesisSettings().seed

    @Option(help: "Days that the log spans.")
    var days = SynthesisSettings().days

    @Option(help: "Mean of users' local CTRs.")
    var globalCtr = SynthesisSettings().globalCTR

    @Option(help: "How close local CTRs are to the global one: the sum of their Beta distribution's parameters.")
    var concentration = SynthesisSettings().concentration

    @Option(help: "Standard deviation of the logarithm of users' activity.")
    var activitySigma = SynthesisSettings().activitySigma

    @Option(help: "Exponent of Zipf's law for items; 0 makes all as popular.")
    var itemExponent = SynthesisSettings().itemExponent

    @Option(help: "Standard deviation of users' preferences for categories, in logits.")
    var preferenceSpread = SynthesisSettings().preferenceSpread

    @Option(help: "Standard deviation of items' appeal to all users, in logits.")
    var appealSpread = SynthesisSettings().appealSpread

    @Flag(help: "Add the column 'probability', that of the row's click.")
    var withProbability = false

    @Option(name: .shortAndLong, help: ArgumentHelp("Write here; '-' is standard output.", valueName: "path"))
    var output = "-"

    @Option(
        help: ArgumentHelp(
            "Also write every user's truth as CSV: user,local_ctr,drift,logit_drift,activity.", valueName: "path"))
    var truth: String?

    @OptionGroup var report: ReportOptions

    func validate() throws {
        try OutputPlaces.requireApart(["-o": output, "--truth": truth, "--summary": report.summary])
    }

    func run() async throws {
        var account = Account("synth")
        let population = try SyntheticPopulation(settings)
        let sink = ByteSink(try OutputFile(path: output))
        let truthSink = try truth.map { path throws(StageError) in ByteSink(try OutputFile(path: path)) }
        let written = Mutex(Written())
        let progress = { @Sendable [rows] in written.withLock { "\($0.rows) of \(rows) rows" } }
        try await ProgressLine.showing(report.progressMode, stage: "synth", text: progress) {
            if let truthSink {
                for chunk in SyntheticTruth(population) { try await truthSink.write(chunk) }
            }
            for chunk in SyntheticLog(population) {
                try await sink.write(chunk.bytes)
                written.withLock { $0.add(chunk) }
            }
        }
        try await sink.publish()
        try await truthSink?.publish()
        let total = written.withLock { $0 }
        account.add("rows", total.rows)
        account.add("clicks", total.clicks)
        account.add("users", users)
        account.add("bytes written", sink.bytesWritten)
        try await account.close(report)
    }

    private var settings: SynthesisSettings {
        var settings = SynthesisSettings()
        settings.rows = rows
        settings.users = users
        settings.items = items
        settings.categories = categories
        settings.seed = seed
        settings.days = days
        settings.globalCTR = globalCtr
        settings.concentration = concentration
        settings.activitySigma = activitySigma
        settings.itemExponent = itemExponent
        settings.preferenceSpread = preferenceSpread
        settings.appealSpread = appealSpread
        settings.withProbability = withProbability
        return settings
    }

    /// What was handed over so far.
    private struct Written {
        var rows = 0
        var clicks = 0

        mutating func add(_ chunk: SyntheticLog.Chunk) {
            rows += chunk.rows
            clicks += chunk.clicks
        }
    }
}
