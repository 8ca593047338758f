import ArgumentParser
import ByteStreams
import LocalStages
import Samples
import UserPartition

/// `plumb verify`: whether a store is as it was made.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read all of a store and compare it with its manifest.",
        discussion: """
            Compares every file with the size and SHA-256 that the manifest holds, and looks at the order of samples, at
            ids and counts. Names the first file that was changed, and exits with 2.
            """
    )

    @Argument(help: "A partition store.", completion: .directory)
    var store: String

    @OptionGroup var report: ReportOptions

    func run() async throws {
        var account = Account("verify")
        let opened = try await PartitionStore.open(store)
        let files = try await BlockingThread().run { () throws(StageError) in try opened.verify() }
        var samples = 0
        for try await batch in opened.localDatasets() { samples += batch.count }
        account.add("files", files)
        account.add("users", opened.manifest.users)
        account.add("samples", samples)
        try await account.close(report)
    }
}
