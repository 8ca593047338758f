public import ByteStreams
public import Samples

/// The first stage: compressed logs in, typed sample batches out, in the log's row order.
///
/// Side tables and clicks are read first, then the log's files in the order given. Files are read ahead on threads, each
/// file on one; workers turn pieces of their text into columns; one thread takes the pieces in order and gives keys their
/// ids. The batches are the same for any number of threads.
public struct LogIngest: Sendable {
    let settings: IngestSettings

    /// An ingest by `settings`, which are validated when a sequence starts.
    public init(_ settings: IngestSettings) {
        self.settings = settings
    }

    /// The samples: batches of at most `batchRows` rows, at least one batch even if there are no rows.
    ///
    /// A row that makes no sample goes to `rejects`. Once more rows are rejected than the settings allow, the stream fails
    /// with `tooManyRejects`: at its end if there is a file for them, at once if not. Damaged files end it with `data`.
    ///
    /// - Parameters:
    ///   - report: started anew by each iteration and complete after the last batch.
    ///   - rejects: takes the bad rows; for one iteration, and to be published by the caller.
    ///   - threads: workers; as many files of a list are read at once.
    ///   - rowLimit: after how many rows of the log the stream ends as if that were all; nil for all of them.
    public func samples(
        report: IngestReport, rejects: RejectFile? = nil, threads: Int = 1, rowLimit: Int? = nil
    ) -> ThreadedSequence<SampleBatch> {
        precondition(threads > 0)
        return ThreadedSequence { [settings] output throws(StageError) in
            var settings = settings
            try settings.validate()
            try settings.expandPaths()
            try Self.run(
                settings, output: output, report: report, rejects: rejects, threads: threads, rowLimit: rowLimit)
        }
    }

    private static func run(
        _ settings: IngestSettings, output: ThreadedSequence<SampleBatch>.Output, report: IngestReport,
        rejects: RejectFile?, threads: Int, rowLimit: Int?
    ) throws(StageError) {
        let cancellation = output.cancellation
        report.begin(compressedBytesTotal: settings.totalFileBytes)
        let wanted = WantedColumns(settings)
        let timeParser = try TimeParser(settings.roles.time)
        var tables: [SideTable] = []
        for join in wanted.joins {
            let features = settings.features.filter { $0.join == join }
            tables.append(
                try SideTable(join, features: features, of: settings, cancellation: cancellation, report: report))
            report.add(tables[tables.count - 1], of: join.source)
        }
        var clicks: ClickTable?
        if let clickLog = settings.roles.label.clickLog {
            clicks = try ClickTable(clickLog, of: settings, cancellation: cancellation, report: report)
        }
        let vocabularies = try settings.vocabularies(cancellation)
        var committer = ChunkCommitter(
            settings, joins: wanted.joins, tables: tables, clicks: clicks, vocabularies: vocabularies,
            workerCount: threads)
        let chunks = OrderedMap<LogChunk, ParsedChunk>(
            workerCount: threads, bound: 2 * threads + 2, cancellation: cancellation,
            makeTransform: { [tables, clicks] worker in
                var parser = ChunkParser(
                    settings, tables: tables, clicks: clicks, timeParser: timeParser, worker: worker)
                return { parser.parse($0) }
            },
            produce: { inputs throws(StageError) in
                var log = LogChunks(settings, wanted: wanted.names, threads: threads, cancellation, report)
                var rest = rowLimit
                while rest != 0, var chunk = try log.next() {
                    rest = rest.map { $0 - chunk.keepFirst($0) }
                    guard settings.roles.label.list != nil else {
                        try inputs.put(chunk)
                        continue
                    }
                    for piece in chunk.pieces(byteCount: ImpressionRows.pieceBytes) { try inputs.put(piece) }
                }
            })
        var hasSent = false
        while var chunk = try chunks.next() {
            if chunk.isFirst { report.opened(chunk.stream) }
            try committer.commit(&chunk)
            report.add(
                rowsKept: chunk.rowsKept, rowsRejected: chunk.rejects.count,
                samples: chunk.batches.reduce(0) { $0 + $1.samples.count })
            if !chunk.rejects.isEmpty {
                report.add(chunk.rejects)
                if let rejects {
                    try rejects.write(chunk.rejects, cancellation: cancellation)
                } else {
                    do throws(StageError) {
                        try settings.checkRejects(chunk.rejects, report.progress)
                    } catch {
                        // A row may be bad because its file is damaged, which is seen at the file's end, and told instead.
                        try Self.readOn(chunk.stream, in: chunks)
                        throw error
                    }
                }
            }
            for batch in chunk.batches {
                try output.send(committer.samples(of: batch))
                hasSent = true
            }
        }
        if !hasSent { try output.send(SampleBatch(settings.schema)) }
        committer.finish()
        report.finish(committer, files: settings.source(settings.log)?.paths ?? [])
        try settings.checkRejects(report.progress)
    }
}

extension LogIngest {
    /// Reads a packed file to its end, or for another GiB of text. Throws its damage, if there is some.
    private static func readOn(_ stream: LogStream, in chunks: OrderedMap<LogChunk, ParsedChunk>) throws(StageError) {
        guard stream.isPacked else { return }
        do throws(StageError) {
            for _ in 0..<((1 << 30) / ChunkReader.blockBytes) {
                guard let chunk = try chunks.next(), chunk.stream.position.file == stream.position.file else { return }
            }
        } catch {
            // Another file's fault would not explain this one's row.
            if error.code == .cancelled || error.position?.file == stream.position.file { throw error }
        }
    }
}

/// The log's chunks, over all its files in order.
private enum LogChunks {
    case one(ChunkReader)
    case many(ReadAhead)

    init(
        _ settings: IngestSettings, wanted: [String], threads: Int, _ cancellation: Cancellation, _ report: IngestReport
    ) {
        guard let log = settings.source(settings.log) else { preconditionFailure("settings are validated") }
        let limits = settings.limits
        if log.paths.count == 1 {
            self = .one(
                ChunkReader(
                    log, wanted: wanted, limits: limits, salvages: settings.salvage, cancellation: cancellation,
                    report: report))
        } else {
            self = .many(
                ReadAhead(fileCount: log.paths.count, threads: min(threads, log.paths.count)) { file in
                    var part = log
                    part.paths = [log.paths[file]]
                    return ChunkReader(
                        part, wanted: wanted, limits: limits, salvages: settings.salvage, cancellation: cancellation,
                        report: report)
                })
        }
    }

    mutating func next() throws(StageError) -> LogChunk? {
        switch self {
        case .one(var reader):
            defer { self = .one(reader) }
            return try reader.next()
        case .many(let files): return try files.next()
        }
    }
}

extension IngestSettings {
    /// The vocabulary that is used again, one for each dictionary feature; none if the settings name no file.
    fileprivate func vocabularies(_ cancellation: Cancellation) throws(StageError) -> [Vocabulary] {
        guard let vocabulary else { return [] }
        let vocabularies = try VocabularyFile.read(vocabulary, cancellation: cancellation)
        for feature in schema.features where feature.encoding == .dictionary {
            if vocabularies.contains(where: { $0.feature == feature.name }) { continue }
            throw StageError(
                .data, "the vocabulary has no feature `\(feature.name)`", at: SourcePosition(file: vocabulary),
                advice: vocabularies.isEmpty
                    ? "it has none" : "it has \(vocabularies.map(\.feature).joined(separator: ", "))")
        }
        return vocabularies
    }

    /// Throws `tooManyRejects` if the first of the rejects that are too many is among `rejects`, the last ones counted.
    fileprivate func checkRejects(_ rejects: RejectList, _ progress: IngestReport.Progress) throws(StageError) {
        guard case .rows(let most) = mostRejects, progress.rowsRejected > most else { return }
        let reject = rejects[most - (progress.rowsRejected - rejects.count)]
        let before =
            most == 0 ? "" : most == 1 ? ", and 1 row was rejected before" : ", and \(most) rows were rejected before"
        throw StageError(
            .tooManyRejects, reject.reason + before,
            at: reject.position, advice: "--rejects keeps bad rows in a file, --max-rejects says how many may be")
    }

    /// Throws `tooManyRejects` if so many rows are too many, at the log's end.
    fileprivate func checkRejects(_ progress: IngestReport.Progress) throws(StageError) {
        guard mostRejects.isExceeded(by: progress.rowsRejected, of: progress.rowsRead) else { return }
        throw StageError(
            .tooManyRejects,
            "\(progress.rowsRejected) of \(progress.rowsRead) rows were rejected, more than the \(mostRejects) allowed")
    }
}
