import ByteStreams
import Crypto
import OrderedJSON
import Samples

/// How far a pass of `finetune` came: what `OUTPUT.checkpoint` holds. A pass with the same origin goes on there, and its files
/// become the same bytes.
struct FineTuningCheckpoint: Sendable, Hashable {
    /// To be raised when the same origin comes to make other bytes, or the file another form.
    private static let format = 2
    /// The most bytes that it may have.
    private static let mostBytes = 16 << 20

    /// A file that is being written: its first `bytes`, which are of finished buckets.
    struct File: Sendable, Hashable {
        /// Its place once it is whole.
        var path: String
        var bytes: Int
        var sha256: String
    }

    /// All that the bytes of the files are a function of.
    var origin: [String: String]
    /// Finished buckets: those from 0 on.
    var buckets = 0
    /// Rows and batches of predictions.
    var rows = 0
    var batches = 0
    /// The predictions, and what else was asked for.
    var files: [File] = []
    /// What became of the users so far.
    var report = FineTuningReport.Record()

    init(origin: [String: String]) {
        self.origin = origin
        self.origin["format"] = "\(Self.format)"
    }

    /// Where the checkpoint of an output stands.
    static func path(of output: String) -> String { output + ".checkpoint" }

    // MARK: The file

    /// What stands at `path`; nil for what is no checkpoint, or one that is damaged. Throws `environment` if it cannot be read.
    /// Blocks.
    static func load(_ path: String) throws(StageError) -> FineTuningCheckpoint? {
        guard let file = try SeekableFile(path: path), file.size <= mostBytes else { return nil }
        return try? FineTuningCheckpoint(try file.bytes(at: 0, count: file.size))
    }

    private init(_ bytes: [UInt8]) throws(JSONError) {
        let node = JSONNode(try JSONValue(utf8: bytes[...]))
        try node.requireKeys(among: ["origin", "buckets", "rows", "batches", "files", "report", "sha256"])
        origin = [:]
        for (key, part) in try node.member("origin").members() { origin[key] = try part.string() }
        buckets = try node.member("buckets").count()
        rows = try node.member("rows").count()
        batches = try node.member("batches").count()
        files = try node.member("files").elements().map { file throws(JSONError) in
            File(
                path: try file.member("path").string(), bytes: try file.member("bytes").count(),
                sha256: try file.member("sha256").string())
        }
        report = try FineTuningReport.Record(node.member("report"))
        let hash = try node.member("sha256")
        if try hash.string() != sha256 { throw hash.mismatch("the hash of what the file says") }
    }

    var json: [UInt8] {
        Array(JSONValue.object(content + [JSONValue.Member("sha256", .string(sha256))]).text(.indented).utf8)
    }

    /// Of the content as it is written.
    private var sha256: String { Fingerprint.of(Array(JSONValue.object(content).text(.indented).utf8)) }

    private var content: [JSONValue.Member] {
        [
            .init(
                "origin", .object(origin.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) })),
            .init("buckets", .integer(buckets)), .init("rows", .integer(rows)), .init("batches", .integer(batches)),
            .init(
                "files",
                .array(
                    files.map {
                        .object(["path": .string($0.path), "bytes": .integer($0.bytes), "sha256": .string($0.sha256)])
                    })),
            .init("report", report.json),
        ]
    }
}

/// The bytes of a file that is being written, hashed as far as its buckets are finished.
struct PartialFileHash: Sendable {
    private var hash = SHA256()
    /// Bytes that are hashed.
    private(set) var bytes = 0
    private let path: String

    /// Of the file that becomes `path`; nothing yet.
    init(of path: String) {
        self.path = path
    }

    /// Hashes on to the first `end` bytes. Throws `data` if there are fewer, `environment` if they cannot be read. Blocks.
    mutating func advance(to end: Int) throws(StageError) {
        guard end > bytes else { return }
        let partial = OutputFile.partialPath(of: path)
        guard try FileTree.stands(at: partial), let file = try SeekableFile(path: partial), file.size >= end else {
            throw StageError(
                .data, "has fewer than the \(end) bytes that were written", at: SourcePosition(file: partial))
        }
        while bytes < end {
            let count = min(256 << 10, end - bytes)
            hash.update(data: try file.bytes(at: bytes, count: count))
            bytes += count
        }
    }

    /// The file as the checkpoint records it.
    var record: FineTuningCheckpoint.File {
        FineTuningCheckpoint.File(path: path, bytes: bytes, sha256: hash.finalize().hexadecimal)
    }
}
