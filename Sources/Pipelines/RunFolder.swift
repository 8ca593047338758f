import ByteStreams
import Samples

/// The files of one run: `store/`, `vocabulary.arrows`, perhaps `rejects.jsonl`, `ctr.json`, a folder a seed, and
/// `summary.json`, which is written last, so that a folder with one is whole.
public struct RunFolder: Sendable, Hashable {
    /// The folder's path.
    public let path: String

    /// A folder, made or not.
    public init(path: String) {
        self.path = path
    }

    /// The partition store.
    public var store: String { "\(path)/store" }
    /// The keys behind the ids.
    public var vocabulary: String { "\(path)/vocabulary.arrows" }
    /// The log's bad rows, where some are allowed and there are some.
    public var rejects: String { "\(path)/rejects.jsonl" }
    /// The global CTR and drift.
    public var ctr: String { "\(path)/ctr.json" }
    /// The metrics over all seeds.
    public var summary: String { "\(path)/summary.json" }

    /// The cloud model of one seed.
    public func model(seed: UInt64) -> String { "\(folder(seed: seed))/model.safetensors" }
    /// The predictions of one seed.
    public func predictions(seed: UInt64) -> String { "\(folder(seed: seed))/predictions.arrows" }
    /// The metrics of one seed.
    public func metrics(seed: UInt64) -> String { "\(folder(seed: seed))/metrics.json" }

    private func folder(seed: UInt64) -> String { "\(path)/seed-\(seed)" }

    /// Whether a run into this folder came to its end.
    var isWhole: Bool { FileTree.exists(summary) }

    /// Makes the folder where it is missing. Throws `environment` if something stands in its place that is no run's folder:
    /// nothing but a run's own files is ever replaced.
    func make() throws(StageError) {
        if let stranger = try strangers().min() {
            throw StageError(
                .environment, "is no run folder: it holds \(stranger)", at: SourcePosition(file: path),
                advice: "name a new or an empty folder")
        }
        try FileTree.makeFolder(path)
    }

    /// Takes away what an earlier run left, the store excepted: to be called once the store is the new run's, so that its
    /// files and an older run's never stand side by side.
    func removeEarlierResults() throws(StageError) {
        for file in [summary, ctr, vocabulary, rejects] { try FileTree.removeFile(file) }
        for name in try FileTree.names(in: path) where Self.isSeed(name) {
            for file in Self.seedFiles { try FileTree.removeFile("\(path)/\(name)/\(file)") }
            FileTree.removeFolderIfEmpty("\(path)/\(name)")
        }
    }

    /// Makes the folder of one seed.
    func make(seed: UInt64) throws(StageError) {
        try FileTree.makeFolder(folder(seed: seed))
    }

    /// After a failure: takes the folder away if nothing stands in it.
    func removeIfEmpty() {
        FileTree.removeFolderIfEmpty(path)
    }

    private static let seedFiles = ["model.safetensors", "predictions.arrows", "metrics.json"]

    private static func isSeed(_ name: String) -> Bool {
        name.hasPrefix("seed-") && UInt64(name.dropFirst("seed-".count)) != nil
    }

    /// Names in the folder that no run gives. What a killed writer left begins with a dot.
    private func strangers() throws(StageError) -> [String] {
        guard FileTree.exists(path) else { return [] }
        let own = [
            "store", "vocabulary.arrows", "rejects.jsonl", "ctr.json", "summary.json", "samples.arrows", "settings",
        ]
        return try FileTree.names(in: path).filter { !own.contains($0) && !Self.isSeed($0) && !$0.hasPrefix(".") }
    }
}
