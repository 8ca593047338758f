import Samples

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The files of one run: `store/`, `vocabulary.arrows`, `ctr.json`, a folder a seed, and `summary.json`, which is written
/// last, so that a folder with one is whole.
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
    var isWhole: Bool { FileManager.default.fileExists(atPath: summary) }

    /// Makes the folder where it is missing, with one a seed, and takes away the summary of an earlier run.
    func prepare(seeds: [UInt64]) throws(StageError) {
        do {
            for seed in seeds {
                try FileManager.default.createDirectory(
                    atPath: folder(seed: seed), withIntermediateDirectories: true)
            }
            if isWhole {
                try FileManager.default.removeItem(atPath: summary)
            }
        } catch {
            throw StageError(.environment, "cannot make the run folder: \(error)", at: SourcePosition(file: path))
        }
    }

    /// After a failure: takes away those of its folders in which nothing stands.
    func removeIfEmpty(seeds: [UInt64]) {
        for folder in seeds.map({ folder(seed: $0) }) + [path] {
            if let names = try? FileManager.default.contentsOfDirectory(atPath: folder), names.isEmpty {
                try? FileManager.default.removeItem(atPath: folder)
            }
        }
    }
}
