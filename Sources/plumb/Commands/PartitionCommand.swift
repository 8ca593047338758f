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
            Its bytes depend on the samples, the split and the number of buckets alone.
            """
    )

    @Argument(help: "A sample stream; '-' is standard input.", completion: .file())
    var samples = "-"

    @Option(name: .shortAndLong, help: ArgumentHelp("Folder of the store.", valueName: "store"), completion: .directory)
    var output: String?

    @Option(help: ArgumentHelp("Shares of train, validation and test: 0.7,0.1,0.2.", valueName: "shares"))
    var split: String?

    @Option(help: ArgumentHelp("Number of bucket files.", valueName: "n"))
    var buckets: Int?

    @Option(help: ArgumentHelp("Memory for rows before they go to temporary files: 256MiB.", valueName: "bytes"))
    var memory: String?

    @OptionGroup var stage: StageOptions
    @OptionGroup var report: ReportOptions

    func validate() throws {
        try OutputPlaces.requireApart(["-o": output, "--summary": report.summary])
    }

    func run() async throws {
        let flags = [
            SettingOverride("partition.split", "--split", split),
            SettingOverride("partition.buckets", "--buckets", buckets),
            SettingOverride("partition.memory", "--memory", memory),
        ]
        guard let pipeline = try await stage.load(sections: ["partition"], flags: flags) else { return }
        guard let output else { throw ValidationError("Name the store's folder with -o.") }
        try StreamInput.check(samples)
        var account = Account("partition")
        let (manifest, work) = try await ThreadedSequence<SampleBatch>(arrowStream: samples)
            .partition(into: output, settings: pipeline.partition)
        account.add("samples", work.samplesRead)
        account.add("train", manifest.samples.train)
        account.add("validation", manifest.samples.validation)
        account.add("test", manifest.samples.test)
        account.add("users", manifest.users)
        account.add("without train", manifest.usersWithout.train)
        account.add("without validation", manifest.usersWithout.validation)
        account.add("without test", manifest.usersWithout.test)
        account.add("bytes spilled", work.bytesSpilled)
        try await account.close(report)
    }
}
