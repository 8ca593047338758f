import ArgumentParser
import ByteStreams
import LabelCorrection
import LocalStages
import Samples
import UserPartition

/// `plumb ctr device`: a store → what each user's device would send for the global CTR.
struct CTRDeviceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "device",
        abstract: "Make what a device sends for the global CTR: two counts, clipped and noised.",
        discussion: """
            Without --user, writes a line for each user of the store, which simulates a
            fleet; merge adds lines up:

              plumb ctr device store --clip 100 --epsilon 1 | plumb ctr merge - -o ctr.json

            Only the newest train samples count, at most as many as --clip says. Each count
            gets discrete Laplace noise of scale 2 clip / epsilon from the system's random
            generator. Hence one report is epsilon-differentially private for all that the
            device holds, whoever reads it; k reports cost k epsilon. No key is sent. Counts
            may come out negative: to cut them off would bias the sum.
            """
    )

    @Argument(help: "A partition store.", completion: .directory)
    var store: String

    @Option(help: ArgumentHelp("The most samples of a device that count, the newest.", valueName: "n"))
    var clip: Int

    @Option(help: ArgumentHelp("What a report costs in privacy, from 0.000001 to 1000.", valueName: "e"))
    var epsilon: Double

    @Option(help: ArgumentHelp("Only this user's device.", valueName: "key"))
    var user: String?

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Write JSON lines here; '-' is standard output.", valueName: "path"),
        completion: .file())
    var output = "-"

    @OptionGroup var report: ReportOptions

    func validate() throws {
        try OutputPlaces.requireApart(["-o": output, "--summary": report.summary])
        _ = try privacy
    }

    func run() async throws {
        var account = Account("ctr device")
        let privacy = try privacy
        let source = try await PartitionStore.open(store)
        let samples = try await source.localDatasets(of: user)
        let sink = try await ByteSink(path: output)
        var devices = 0
        for try await reports in samples.deviceReports(privacy, using: SystemRandomNumberGenerator()) {
            try await sink.write(reports.flatMap { $0.json() })
            devices += reports.count
        }
        try await sink.publish()
        account.add("devices", devices)
        account.add("bytes", sink.bytesWritten)
        try await account.close(report)
    }

    private var privacy: DevicePrivacy {
        get throws {
            do {
                return try DevicePrivacy(clip: clip, epsilon: Epsilon(epsilon))
            } catch {
                throw ValidationError("\(error).")
            }
        }
    }
}

extension PartitionStore {
    /// One user's samples, or those of all. Throws `data` where there is no such user.
    fileprivate func localDatasets(of user: String?) async throws(StageError) -> ThreadedSequence<SampleBatch> {
        guard let user else { return withoutHeldOutUsers().localDatasets() }
        let samples = try await BlockingThread().run { () throws(StageError) in try localDataset(named: user) }
        return ThreadedSequence { output throws(StageError) in try output.send(samples) }
    }
}
