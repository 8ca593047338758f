public import LogIngest
public import Samples

/// What a pipeline file makes of the head of its real input.
public struct PipelineFindings: Sendable {
    /// The data set's name.
    public let name: String
    /// The sources in use, the log first, with their files and columns.
    public let sources: [SourceHead]
    /// Keys of each side table, by source.
    public let sideTableKeys: [String: Int]
    /// What was read: `rowsRead` = `rowsKept` + `rowsRejected`.
    public let progress: IngestReport.Progress
    /// Whether that was all of the log.
    public let isWholeLog: Bool
    /// The bad rows, by kind.
    public let rejects: RejectTally
    /// Users among the samples.
    public var users: Int { tally.users.count }
    /// Samples with label 1.
    public var positives: Int { tally.positives }
    /// What makes the result useless or other than it seems.
    public internal(set) var warnings: [PipelineWarning] = []

    let settings: IngestSettings
    let tally: HeadTally
    /// The keys behind the ids, by feature.
    let vocabularies: [String: Vocabulary]
    /// Samples without a partner in the side table, by joined feature.
    let joinMisses: [String: Int]
    /// The texts in the label's column, if they were counted.
    let labelTexts: Vocabulary?

    /// What was read of the log, for people: `the log's 12 rows` or `the log's first 10000 rows`.
    var rowsText: String { "the log's \(isWholeLog ? "" : "first ")\(ShownText.count(progress.rowsRead, "row"))" }

    /// Throws `tooManyRejects` if the share, or the number, of bad rows is more than the settings allow.
    public func checkRejects() throws(StageError) {
        guard settings.mostRejects.isExceeded(by: progress.rowsRejected, of: progress.rowsRead) else { return }
        throw StageError(
            .tooManyRejects,
            "\(progress.rowsRejected) of \(rowsText) are bad, more than the \(settings.mostRejects) that "
                + "`ingest.max_rejects` allows")
    }
}
