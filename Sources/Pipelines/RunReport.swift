import ArrowStream
import ByteStreams
import Evaluation
public import Samples

/// A finished run's page: its files, read and drawn.
public struct RunReport: Sendable {
    private let page: ReportPage

    /// Where the page of a run stands unless told otherwise.
    public static func place(in folder: String) -> String { RunFolder(path: folder).report }

    /// Reads the run in a folder, its predictions too, on up to `threads` cores, which do not change the page.
    ///
    /// - Throws: `data` for no finished run, a damaged file, or predictions that are not those of its summary; `environment` if a
    ///   file cannot be read.
    public init(path: String, threads: Int = 1) async throws(StageError) {
        let run = try await FinishedRun(path: path)
        let scope = run.summary.scope
        let settings = EvaluationSettings(part: scope.part, top: scope.top, scratchFolder: path)
        var runs: [EvaluatedRun] = []
        for seed in run.summary.seeds {
            let file = run.folder.predictions(seed: seed)
            let evaluated = try await ThreadedSequence<PredictionBatch>(arrowStream: file).measure(settings)
            guard evaluated.metrics.scope == scope, evaluated.metrics.seed == seed else {
                throw StageError(
                    .data, "these predictions are not those of \(run.folder.summary)", at: SourcePosition(file: file),
                    advice: "make the run anew with `plumb run`")
            }
            runs.append(evaluated)
        }
        page = try await ReportPage(
            name: path.split(separator: "/").last.map(String.init) ?? path, runs: runs, summary: run.summary,
            settings: run.settings.map { ReportPage.Setting(path: $0.path, text: $0.text) }, times: run.times,
            threads: threads)
    }

    /// The page's bytes.
    public func html() -> [UInt8] { page.html() }
}
