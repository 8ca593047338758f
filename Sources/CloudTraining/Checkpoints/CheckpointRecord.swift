import ByteStreams
import Crypto
import OrderedJSON

/// `checkpoint.json`: which training it was, how far it came, and what the files beside it must be. Its last member is
/// the SHA-256 of what it says, so that a changed digit is found here as in the other files.
struct CheckpointRecord: Sendable, Hashable {
    static let name = "checkpoint.json"

    /// A file of the checkpoint.
    struct File: Sendable, Hashable {
        var name: String
        var bytes: Int
        var sha256: String
    }

    /// What the training was.
    var origin: TrainingOrigin
    /// The passes that were made, at least one.
    var epochs: [TrainingEpoch]
    /// Steps that were made.
    var steps: Int
    /// The weights after the last pass.
    var last: File
    /// The optimiser's state then.
    var optimizer: File
    /// The weights of the best pass: the same file as `last` where that was the best.
    var best: File

    /// The names of all files.
    var names: Set<String> { [Self.name, last.name, optimizer.name, best.name] }

    init(origin: TrainingOrigin, epochs: [TrainingEpoch], steps: Int, last: File, optimizer: File, best: File) {
        self.origin = origin
        self.epochs = epochs
        self.steps = steps
        self.last = last
        self.optimizer = optimizer
        self.best = best
    }

    init(_ bytes: [UInt8]) throws(JSONError) {
        let node = JSONNode(try JSONValue(utf8: bytes[...]))
        try node.requireKeys(among: ["origin", "steps", "epochs", "last", "optimizer", "best", "sha256"])
        origin = try TrainingOrigin(node.member("origin"))
        steps = try node.member("steps").count()
        epochs = try node.member("epochs").elements().map { epoch throws(JSONError) in try TrainingEpoch(epoch) }
        last = try File(node.member("last"))
        optimizer = try File(node.member("optimizer"))
        best = try File(node.member("best"))
        if epochs.isEmpty { throw try node.member("epochs").mismatch("the passes that were made") }
        let hash = try node.member("sha256")
        if try hash.string() != sha256 { throw hash.mismatch("the hash of what the file says") }
    }

    var json: [UInt8] {
        Array(JSONValue.object(content + [JSONValue.Member("sha256", .string(sha256))]).text(.indented).utf8)
    }

    /// Of the content as it is written.
    private var sha256: String {
        SHA256.hash(data: Array(JSONValue.object(content).text(.indented).utf8)).hexadecimal
    }

    private var content: [JSONValue.Member] {
        [
            .init("origin", origin.json), .init("steps", .integer(steps)), .init("epochs", .array(epochs.map(\.json))),
            .init("last", last.json), .init("optimizer", optimizer.json), .init("best", best.json),
        ]
    }
}

extension CheckpointRecord.File {
    fileprivate init(_ node: JSONNode) throws(JSONError) {
        self.init(
            name: try node.member("name").string(), bytes: try node.member("bytes").count(),
            sha256: try node.member("sha256").string())
    }

    fileprivate var json: JSONValue {
        .object(["name": .string(name), "bytes": .integer(bytes), "sha256": .string(sha256)])
    }
}

extension TrainingEpoch {
    init(_ node: JSONNode) throws(JSONError) {
        self.init(
            loss: try node.member("loss").double(), validationLoss: try node.member("validation_loss").optionalDouble(),
            validationGAUC: try node.member("validation_gauc").optionalDouble(),
            validationAUC: try node.member("validation_auc").optionalDouble())
    }

    /// The pass as the summary and a checkpoint tell it: every figure in the digits that give it back.
    var json: JSONValue {
        .object([
            "loss": .number(loss), "validation_loss": validationLoss.map { .number($0) } ?? .null,
            "validation_gauc": validationGAUC.map { .number($0) } ?? .null,
            "validation_auc": validationAUC.map { .number($0) } ?? .null,
        ])
    }
}
