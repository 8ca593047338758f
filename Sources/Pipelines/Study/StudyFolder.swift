import ByteStreams
import Samples

/// The files of one study:
///
/// - `data/DATASET/`: a run folder with the store and `ctr.json`, made once for all models
/// - `models/DATASET/MODEL/seed-N.safetensors`: one cloud model for all its schedules
/// - `cells/DATASET/MODEL/seed-N/SCHEDULE.tuned.arrows`: what one schedule came to; `untuned.arrows`: the arms that none changes
/// - `results/DATASET/MODEL.json`: a model's comparisons
/// - `study.json`: everything the page is made of, written last
/// - `record.json`: what each file was made from
public struct StudyFolder: Sendable, Hashable {
    /// The folder's path.
    public let path: String

    /// A folder, made or not.
    public init(path: String) {
        self.path = path
    }

    /// All results.
    public var results: String { place(of: Self.resultsName) }
    /// The record of finished steps.
    var record: String { place(of: Self.recordName) }

    private static let resultsName = "study.json"
    private static let recordName = "record.json"
    private static let folders = ["data", "models", "cells", "results"]

    static func modelName(_ dataSet: String, _ model: String, seed: UInt64) -> String {
        "models/\(dataSet)/\(model)/seed-\(seed).safetensors"
    }
    /// The cell of a schedule; nil for that of the arms that no schedule changes.
    static func cellName(_ dataSet: String, _ model: String, seed: UInt64, schedule: String?) -> String {
        "cells/\(dataSet)/\(model)/seed-\(seed)/\(schedule.map { "\($0).tuned" } ?? "untuned").arrows"
    }
    static func resultsName(_ dataSet: String, _ model: String) -> String { "results/\(dataSet)/\(model).json" }

    /// The run folder of a data set.
    func data(_ dataSet: String) -> RunFolder { RunFolder(path: place(of: "data/\(dataSet)")) }

    /// The path of a result.
    func place(of name: String) -> String { "\(path)/\(name)" }

    /// Makes the folder where it is missing and takes it for one study. Throws `environment` if another study has it, or if
    /// something stands in its place that is no study's folder. Blocks.
    func claim() throws(StageError) -> PathLock {
        if try FileTree.stands(at: path), try FileTree.isFolder(path) {
            let known = Self.folders + [Self.resultsName, Self.recordName]
            let stranger = try FileTree.names(in: path).filter { !$0.hasPrefix(".") && !known.contains($0) }.min()
            if let stranger {
                throw StageError(
                    .environment, "is no study folder: it holds \(stranger)", at: SourcePosition(file: path),
                    advice: "name a new or an empty folder")
            }
        }
        for folder in Self.folders { try FileTree.makeFolder(place(of: folder)) }
        switch try PathLock.take(path) {
        case .held(let lock): return lock
        case .busy:
            throw StageError(
                .environment, "another study is working in this folder", at: SourcePosition(file: path),
                advice: "wait for it, or name another folder")
        case .missing: throw StageError(.environment, "was removed", at: SourcePosition(file: path))
        }
    }

    /// Removes what a killed study left half-made, but nothing that some process is still making. Blocks.
    func removeLeftovers() throws(StageError) {
        var folders = [path] + Self.folders.dropFirst().map(place)
        while let folder = folders.popLast() {
            for name in try FileTree.names(in: folder) {
                let inner = "\(folder)/\(name)"
                if name.hasPrefix("."), name.hasSuffix(".partial") {
                    try FileTree.removeAbandoned(inner)
                } else if folder != path, !name.hasSuffix(".checkpoint"), try FileTree.isFolder(inner) {
                    folders.append(inner)
                }
            }
        }
    }

    /// Makes the folders in which a result stands. Blocks.
    func makeFolder(of name: String) throws(StageError) {
        guard let end = name.lastIndex(of: "/") else { return }
        try FileTree.makeFolder(place(of: String(name[..<end])))
    }
}
