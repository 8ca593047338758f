import ByteStreams
public import LogIngest
import Samples

/// Holds a pipeline file against the head of the input that it names, before hours are spent on all of it.
///
/// Every file is opened and its columns looked up; then the log's first rows go through the very ingest that a run uses.
/// Side tables are read whole, since a join needs them so.
public struct PipelineCheck: Sendable {
    private let pipeline: Pipeline
    private let file: String
    private let rows: Int

    /// Faults that are told; of more only the number.
    private static let mostFaults = 20

    /// A check of `pipeline`, read from `file`, on the log's first `rows` rows.
    public init(_ pipeline: Pipeline, file: String, rows: Int) {
        precondition(rows > 0)
        self.pipeline = pipeline
        self.file = file
        self.rows = rows
    }

    /// Looks, and says what was found. Throws every file that cannot be read, is no log, or lacks a column.
    ///
    /// - Parameter report: shows how far the reading is.
    public func run(report: IngestReport = IngestReport()) async throws(PipelineError) -> PipelineFindings {
        guard let settings = pipeline.ingest else {
            throw PipelineError([
                StageError(.usage, "the section `ingest` is missing", at: SourcePosition(file: file))
            ])
        }
        let heads: [SourceHead]
        do throws(StageError) {
            heads = try await LogIngest(settings).heads()
        } catch {
            throw PipelineError([error])
        }
        if let error = PipelineError(heads.flatMap(\.faults), atMost: Self.mostFaults) { throw error }
        do throws(StageError) {
            return try await look(at: heads, settings, report)
        } catch {
            throw PipelineError([error])
        }
    }

    private func look(
        at heads: [SourceHead], _ settings: IngestSettings, _ report: IngestReport
    ) async throws(StageError) -> PipelineFindings {
        var asked = settings
        // All are counted and none stops; the caller is told if there are too many.
        asked.mostRejects = .percent(100)
        let labelColumn = asked.addLabelTexts()
        var tally = HeadTally()
        for try await batch in LogIngest(asked).samples(report: report, rowLimit: rows) { tally.add(batch) }
        var vocabularies = Dictionary(report.vocabularies.map { ($0.feature, $0) }) { first, _ in first }
        let labelTexts = labelColumn.flatMap { vocabularies.removeValue(forKey: $0) }
        var sources = heads
        // A pipe is opened only once.
        if let log = sources.indices.first, sources[log].columns.isEmpty { sources[log].columns = report.logColumns }
        var findings = PipelineFindings(
            name: pipeline.name, sources: sources, sideTableKeys: report.sideTableKeys, progress: report.progress,
            isWholeLog: report.progress.rowsRead < rows, rejects: report.rejects, settings: settings, tally: tally,
            vocabularies: vocabularies, joinMisses: report.joinMisses, labelTexts: labelTexts)
        findings.warnings = findings.warnings(of: pipeline, file: file)
        return findings
    }
}

extension PipelineError {
    /// Some faults, the last of them a count of the rest where there are more than `most`; nil if there is none.
    fileprivate init?(_ faults: [StageError], atMost most: Int) {
        if faults.isEmpty { return nil }
        let rest = faults.count - most
        self.init(faults.prefix(most) + (rest > 0 ? [StageError(.data, "and \(rest) more")] : []))
    }
}

extension IngestSettings {
    /// Adds the texts of the label's column as one more feature, so that its vocabulary tells them. Returns the feature's
    /// name; nil where the label has no column of its own, or a vocabulary is given, which would have to hold it.
    fileprivate mutating func addLabelTexts() -> String? {
        guard vocabulary == nil, let column = roles.label.ownColumn else { return nil }
        var name = "label column"
        while features.contains(where: { $0.name == name }) { name += "'" }
        features.append(FeatureSetting(name: name, column: column, kind: .categorical(.dictionary)))
        return name
    }
}
