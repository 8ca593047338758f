import ByteStreams
import Samples

/// The files of one run: `store/`, `vocabulary.arrows`, perhaps `rejects.jsonl`, `ctr.json`, a folder a seed, and
/// `summary.json`, which is written last, so that a folder with one is whole. `stages.json` says what they were made from.
public struct RunFolder: Sendable, Hashable {
    /// The folder's path.
    public let path: String

    /// A folder, made or not.
    public init(path: String) {
        self.path = path
    }

    /// The partition store.
    public var store: String { place(of: Self.storeName) }
    /// The keys behind the ids.
    public var vocabulary: String { place(of: Self.vocabularyName) }
    /// The log's bad rows, where some are allowed and there are some.
    public var rejects: String { place(of: Self.rejectsName) }
    /// The global CTR and drift.
    public var ctr: String { place(of: Self.ctrName) }
    /// The metrics over all seeds.
    public var summary: String { place(of: Self.summaryName) }
    /// The run's page, if somebody has drawn it.
    public var report: String { place(of: Self.reportName) }
    /// The record of the finished steps.
    public var stages: String { place(of: Self.stagesName) }

    /// The cloud model of one seed.
    public func model(seed: UInt64) -> String { place(of: Self.modelName(seed: seed)) }
    /// The predictions of one seed.
    public func predictions(seed: UInt64) -> String { place(of: Self.predictionsName(seed: seed)) }
    /// The metrics of one seed.
    public func metrics(seed: UInt64) -> String { place(of: Self.metricsName(seed: seed)) }

    // MARK: Names in the folder

    static let storeName = "store"
    static let vocabularyName = "vocabulary.arrows"
    static let rejectsName = "rejects.jsonl"
    static let ctrName = "ctr.json"
    static let summaryName = "summary.json"
    /// The run's page, which is drawn when somebody asks and goes with the summary.
    static let reportName = "report.html"
    private static let stagesName = "stages.json"
    private static let seedFiles = ["model.safetensors", "predictions.arrows", "metrics.json"]

    static func modelName(seed: UInt64) -> String { "seed-\(seed)/model.safetensors" }
    static func predictionsName(seed: UInt64) -> String { "seed-\(seed)/predictions.arrows" }
    static func metricsName(seed: UInt64) -> String { "seed-\(seed)/metrics.json" }

    /// The results that a finished step always has; the last one tells whether it was ever done.
    static func results(of step: RunStep) -> [String] {
        let seed = step.seed ?? 0
        return switch step.stage {
        case .partition: [vocabularyName, "\(storeName)/manifest.json"]
        case .ctr: [ctrName]
        case .train: [modelName(seed: seed)]
        case .finetune: [predictionsName(seed: seed), metricsName(seed: seed)]
        case .evaluate: [summaryName]
        }
    }

    /// The path of a result.
    func place(of name: String) -> String { "\(path)/\(name)" }

    // MARK: The folder as it is

    /// Whether a run, finished or not, stands here.
    var isARun: Bool { isWhole || FileTree.exists(stages) }

    /// Whether a run into this folder came to its end.
    var isWhole: Bool { FileTree.exists(summary) }

    /// Makes the folder where it is missing and takes it for one run. Throws `environment` if another run has it, or if
    /// something stands in its place that is no run's folder: nothing but a run's own files is ever replaced.
    func claim() throws(StageError) -> PathLock {
        // A run that fails removes the folder that it made, perhaps between our making it and our taking it.
        for _ in 0..<100 {
            if let stranger = try strangers().min() {
                throw StageError(
                    .environment, "is no run folder: it holds \(stranger)", at: SourcePosition(file: path),
                    advice: "name a new or an empty folder")
            }
            try FileTree.makeFolder(path)
            switch try PathLock.take(path) {
            case .held(let lock): return lock
            case .busy:
                throw StageError(
                    .environment, "another run is working in this folder", at: SourcePosition(file: path),
                    advice: "wait for it, or name another folder")
            case .missing: continue
            }
        }
        throw StageError(.environment, "is removed again and again", at: SourcePosition(file: path))
    }

    /// Removes what a killed run left half-made, but nothing that some process is still making.
    func removeLeftovers() throws(StageError) {
        let files = [
            Self.storeName, Self.vocabularyName, Self.rejectsName, Self.ctrName, Self.summaryName, Self.stagesName,
            Self.reportName,
        ]
        for file in files { try FileTree.removeAbandoned(place(of: ".\(file).partial")) }
        try FileTree.removeAbandoned(place(of: ".\(Self.storeName).old"))
        for folder in try seedFolders() {
            for file in Self.seedFiles { try FileTree.removeAbandoned(place(of: "\(folder)/.\(file).partial")) }
        }
    }

    /// Removes every result but the store and those named.
    func removeResults(except kept: Set<String>) throws(StageError) {
        var names = [Self.summaryName, Self.ctrName, Self.vocabularyName, Self.rejectsName]
        for folder in try seedFolders() { names += Self.seedFiles.map { "\(folder)/\($0)" } }
        for name in names where !kept.contains(name) { try FileTree.removeFile(place(of: name)) }
    }

    /// Where the models of other seeds than these would stand, of which something does.
    func models(except seeds: [UInt64]) throws(StageError) -> [String] {
        let kept = Set(seeds.map { "seed-\($0)" })
        return try seedFolders().filter { !kept.contains($0) }.map { place(of: "\($0)/\(Self.seedFiles[0])") }
    }

    /// Makes the folder of one seed.
    func make(seed: UInt64) throws(StageError) {
        try FileTree.makeFolder(place(of: "seed-\(seed)"))
    }

    /// Takes away the folders of seeds, and then this one, where nothing stands in them.
    func removeEmptyFolders() {
        // What cannot be listed is not empty.
        for folder in (try? seedFolders()) ?? [] { FileTree.removeFolderIfEmpty(place(of: folder)) }
        FileTree.removeFolderIfEmpty(path)
    }

    private func seedFolders() throws(StageError) -> [String] {
        try FileTree.names(in: path).filter(Self.isSeed)
    }

    private static func isSeed(_ name: String) -> Bool {
        name.hasPrefix("seed-") && UInt64(name.dropFirst("seed-".count)) != nil
    }

    /// Names in the folder that no run gives. What a killed writer left begins with a dot.
    private func strangers() throws(StageError) -> [String] {
        guard FileTree.exists(path) else { return [] }
        let own = [
            Self.storeName, Self.vocabularyName, Self.rejectsName, Self.ctrName, Self.summaryName, Self.stagesName,
            Self.reportName,
            "samples.arrows", "settings",
        ]
        return try FileTree.names(in: path).filter { !own.contains($0) && !Self.isSeed($0) && !$0.hasPrefix(".") }
    }
}
