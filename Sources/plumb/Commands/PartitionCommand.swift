import ArgumentParser
import ArrowStream
import ByteStreams
import Pipelines
import Samples
import UserPartition

/// `plumb partition`: samples → a store of local datasets.
struct PartitionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "partition",
        abstract: "Group samples by user, sort them by time and split them, into a store.",
        discussion: """
            The store is a folder that appears whole or not at all; an older store in its place is replaced.
            Its bytes depend on the samples and the settings, not on memory or threads.
            """
    )

    @Argument(help: "A sample stream; '-' is standard input.", completion: .file())
    var samples = "-"

    @Option(name: .shortAndLong, help: ArgumentHelp("Folder of the store.", valueName: "store"), completion: .directory)
    var output: String?

    @OptionGroup var options: PartitionOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var stage: StageOptions
    @OptionGroup var report: ReportOptions

    func validate() throws {
        try OutputPlaces.requireApart(["-o": output, "--summary": report.summary])
    }

    func run() async throws {
        guard let pipeline = try await stage.load(sections: ["partition"], flags: options.overrides) else { return }
        guard let output else { throw ValidationError("Name the store's folder with -o.") }
        try StreamInput.check(samples)
        var account = Account("partition")
        var settings = pipeline.partition
        settings.threads = threads.threads
        let (manifest, work) = try await ThreadedSequence<SampleBatch>(arrowStream: samples)
            .partition(into: output, settings: settings)
        account.add(work, manifest)
        try await account.close(report)
    }
}

extension Account {
    /// What became of samples: those read and drawn are those left out and those of the three parts.
    mutating func add(_ work: PartitionAccount, _ manifest: PartitionManifest) {
        add("samples", work.samplesRead)
        if let negatives = manifest.negatives {
            add("drawn", negatives.drawn)
            add("not drawn for want of items", negatives.missing)
        }
        for reason in UserFilter.Reason.allCases {
            guard let out = manifest.leftOut[reason] else { continue }
            add("of users with \(reason.rawValue)", out.samples)
            add("users with \(reason.rawValue)", out.users)
        }
        add("train", manifest.samples.train)
        add("validation", manifest.samples.validation)
        add("test", manifest.samples.test)
        add("users", manifest.users)
        add("without train", manifest.usersWithout.train)
        add("without validation", manifest.usersWithout.validation)
        add("without test", manifest.usersWithout.test)
        if let heldOut = manifest.heldOut { add("held out", heldOut.users) }
        add("bytes spilled", work.bytesSpilled)
    }
}
