import ByteStreams
import Evaluation
import Samples

/// What the files of a finished run say of it.
struct FinishedRun: Sendable, Hashable {
    let folder: RunFolder
    /// The settings that decide its results, by path, with the version of the tool before and the seeds behind them; in the
    /// order of the stages.
    let settings: [StepOrigin.Setting]
    /// Hashes of the log's files.
    let sources: Set<String>
    let summary: RunSummary
    /// How long its steps took, in the order of the stages; without those of which it is not known.
    let times: [ReportPage.StepTime]

    private static let mostBytes = 64 << 20

    /// Reads a run's record and summary.
    ///
    /// - Throws: `data` for a folder without a finished run or a damaged file in it, `environment` if it cannot be read.
    init(path: String) async throws(StageError) {
        folder = RunFolder(path: path)
        guard try FileTree.isFolder(path), folder.isWhole else {
            throw StageError(
                .data, "no finished run stands here", at: SourcePosition(file: path),
                advice: "name a folder that `plumb run -o FOLDER` has made")
        }
        summary = try RunSummary(
            json: try await FileContents.read(folder.summary, limit: Self.mostBytes), name: folder.summary)
        let record = try RunRecord(
            json: try await FileContents.read(folder.stages, limit: Self.mostBytes), name: folder.stages)
        var settings: [StepOrigin.Setting] = []
        if let version = record.entries.first?.origin.version {
            settings.append(StepOrigin.Setting(path: "version", text: version))
        }
        // Steps of several seeds, and stages that read one section, have settings in common.
        var known: Set<String> = []
        for setting in record.entries.flatMap(\.origin.settings) where known.insert(setting.path).inserted {
            settings.append(setting)
        }
        let seeds = summary.seeds.map(String.init).joined(separator: ", ")
        self.settings = settings + [StepOrigin.Setting(path: "seeds", text: "[\(seeds)]")]
        times = record.entries.compactMap { entry in
            let step = entry.origin.step
            return entry.seconds.map {
                ReportPage.StepTime(stage: step.stage.rawValue, seed: step.seed, seconds: $0)
            }
        }
        sources = Set(record.entries.flatMap { $0.sources.compactMap(\.sha256) })
    }
}
