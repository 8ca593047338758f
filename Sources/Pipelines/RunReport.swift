import ArrowStream
import ByteStreams
import Evaluation
public import Samples

/// A finished run's page: its files, read and drawn.
public struct RunReport: Sendable {
    private let page: ReportPage

    /// Where the page of a run stands unless told otherwise.
    public static func place(in folder: String) -> String { RunFolder(path: folder).report }

    /// Reads the run in a folder, its predictions too.
    ///
    /// - Throws: `data` for no finished run, a damaged file, or predictions that are not those of its summary; `environment` if a
    ///   file cannot be read.
    public init(path: String) async throws(StageError) {
        let run = try await FinishedRun(path: path)
        // Intervals stand in the summary: here only the users are wanted.
        let scope = run.summary.scope
        let settings = EvaluationSettings(
            part: scope.part, top: scope.top, bootstrap: UserBootstrap(resamples: 1), scratchFolder: path)
        var runs: [EvaluatedRun] = []
        for seed in run.summary.seeds {
            let file = run.folder.predictions(seed: seed)
            let evaluated = try await ThreadedSequence<PredictionBatch>(arrowStream: file).evaluate(settings)
            guard evaluated.metrics.scope == scope, evaluated.metrics.seed == seed else {
                throw StageError(
                    .data, "these predictions are not those of \(run.folder.summary)", at: SourcePosition(file: file),
                    advice: "make the run anew with `plumb run`")
            }
            runs.append(evaluated)
        }
        let name = run.settings.first { $0.path == "name" }?.text ?? Self.lastComponent(of: path)
        page = try ReportPage(
            name: name, runs: runs, summary: run.summary,
            settings: run.settings.map { ReportPage.Setting(path: $0.path, text: $0.text) })
    }

    /// The page's bytes.
    public func html() -> [UInt8] { page.html() }

    private static func lastComponent(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}
