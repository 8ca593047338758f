import ArgumentParser
import ByteStreams
import LabelCorrection
import LocalStages
import Samples
import UserPartition

/// `plumb ctr STORE`: a store → ctr.json, and every user's line if it is asked for.
struct CTRMeasureCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure",
        abstract: "Measure a store; the word may be left out: plumb ctr STORE.",
        discussion: """
            ctr.json says the global CTR, quantiles of users' local CTRs and drift, and
            how many users have which counts, by which reports of other machines add up
            (plumb ctr merge). Keys of users stand in the users' table alone.
            """
    )

    @Argument(help: "A partition store.", completion: .directory)
    var store: String

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Write ctr.json here; '-' is standard output.", valueName: "path"),
        completion: .file())
    var output = "-"

    @Option(
        help: ArgumentHelp(
            "Also write every user's line as CSV: user,train_samples,train_positives,local_ctr,drift.",
            valueName: "path"),
        completion: .file())
    var usersTable: String?

    @OptionGroup var users: UserOptions
    @OptionGroup var report: ReportOptions

    func validate() throws {
        try OutputPlaces.requireApart(["-o": output, "--users-table": usersTable, "--summary": report.summary])
    }

    func run() async throws {
        var account = Account("ctr")
        let source = try await users.restrict(PartitionStore.open(store)).withoutHeldOutUsers()
        let result = try await source.localDatasets().measureCTR(stores: [source.identity])
        // Both are written before either appears, ctr.json last: makefiles go by it.
        let sink = try await ByteSink(path: output)
        let table = try await writeUsersTable(result, of: source)
        try await sink.write(result.json())
        try await table?.publish()
        try await sink.publish()
        account.add(result)
        try await account.close(report)
    }

    /// Writes the users' table if it is asked for, and returns it to be published.
    private func writeUsersTable(
        _ result: CTRReport, of source: PartitionStore
    ) async throws(StageError) -> ByteSink? {
        guard let usersTable else { return nil }
        let sink = try await ByteSink(path: usersTable)
        do throws(StageError) {
            try await result.writeUsersTable(of: source, to: sink)
        } catch {
            // A reader such as `head` may go, and wants no more of the table; ctr.json was asked for all the same.
            guard error.code == .closedPipe && usersTable == "-" else { throw error }
            return nil
        }
        return sink
    }
}

extension Account {
    /// What a report over users or devices counts.
    mutating func add(_ result: CTRReport) {
        switch result.origin {
        case .users(let tally, _):
            add("users", tally.users)
            add("train samples", result.counts.samples)
            add("positives", result.counts.positives)
            add("single-class users", tally.singleClassUsers)
        case .devices(let devices):
            add("devices", devices.reports)
            add("noised samples", result.counts.samples)
            add("noised positives", result.counts.positives)
        }
    }
}
