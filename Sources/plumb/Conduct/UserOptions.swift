import ArgumentParser
import ByteStreams
import Pipelines
import Samples
import UserPartition

/// Some of a store's users.
struct UserOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Work on these users alone: a key a line; '-' is standard input.", valueName: "path"),
        completion: .file())
    var users: String?

    @Option(help: ArgumentHelp("Work on a share of the users, the same ones every time: 1%.", valueName: "share"))
    var sample: String?

    func validate() throws {
        if let sample, millionths == nil {
            throw ValidationError("--sample takes a share of at least 0.0001%, as 1% or 0.01, not '\(sample)'.")
        }
    }

    /// The store, restricted to the users asked for.
    func restrict(_ store: PartitionStore) async throws(StageError) -> PartitionStore {
        var restricted = store
        if let users {
            let text = try await FileContents.read(users, limit: Self.fileLimit)
            let name = users == "-" ? "<stdin>" : users
            let selected = store.selecting(try UserSelection(lines: text, kind: store.schema.userKind, file: name))
            guard try await BlockingThread().run({ () throws(StageError) in try selected.userCount() }) > 0 else {
                throw StageError(
                    .data, "names no user of this store", at: SourcePosition(file: name),
                    advice: store.manifest.pseudonymKey.map { "its keys are pseudonyms, by the key \($0)" })
            }
            restricted = selected
        }
        if let millionths { restricted = restricted.selecting(UserSelection(millionths: millionths)) }
        return restricted
    }

    private var millionths: Int? { sample.flatMap { Share.millionths($0) }.flatMap { $0 > 0 ? $0 : nil } }

    private static let fileLimit = 256 << 20
}
