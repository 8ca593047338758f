public import ByteStreams
public import Samples

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The first stage: compressed logs in, typed sample batches out, in the log's row order.
///
/// Side tables are read first, then the log's files in the order given, all on one thread of the sequence's own. The first
/// row that makes no sample ends the stream with `data`, its file, entry, line and field.
public struct LogIngest: Sendable {
    private let settings: IngestSettings

    /// An ingest by `settings`, which are validated when a sequence starts.
    public init(_ settings: IngestSettings) {
        self.settings = settings
    }

    /// The samples: batches of `batchRows` rows, the last perhaps smaller, at least one batch even if there are no rows.
    ///
    /// `report` is started anew by each iteration and complete after the last batch.
    public func samples(report: IngestReport) -> ThreadedSequence<SampleBatch> {
        ThreadedSequence { [settings] output throws(StageError) in
            try settings.validate()
            report.begin(compressedBytesTotal: settings.totalFileBytes)
            var builder = try BatchBuilder(
                settings, tables: try Self.tables(of: settings, cancellation: output.cancellation, report: report))
            guard let log = settings.source(settings.log) else { return }
            var reader = RecordReader(log, cancellation: output.cancellation, report: report)
            var streamCount = 0
            var hasSent = false
            while try reader.next() {
                if streamCount != reader.streamCount {
                    streamCount = reader.streamCount
                    try builder.begin(reader.columns, at: reader.headerPosition)
                }
                let block = reader.block
                let isASCII = block.isASCII
                var row = 0
                while row < block.count {
                    // Small slices bound how far lists from a side table can carry a batch beyond its bytes.
                    let slice = min(Self.sliceRows, settings.batchRows - builder.count, block.count - row)
                    try builder.append(row..<(row + slice), of: block, isASCII: isASCII)
                    row += slice
                    if builder.count == settings.batchRows || builder.byteCount >= Self.mostBatchBytes {
                        try output.send(builder.take())
                        hasSent = true
                    }
                }
                report.add(rowsKept: block.count)
            }
            if builder.count > 0 || !hasSent { try output.send(builder.take()) }
            report.finish(vocabularies: builder.vocabularies, joinMisses: builder.joinMisses)
        }
    }

    private static let sliceRows = 256
    private static let mostBatchBytes = 16 << 20

    /// Reads every side table that a feature joins.
    private static func tables(
        of settings: IngestSettings, cancellation: Cancellation, report: IngestReport
    ) throws(StageError) -> [SideTable.Reference: SideTable] {
        var features: [SideTable.Reference: [IngestSettings.FeatureSetting]] = [:]
        var order: [SideTable.Reference] = []
        for feature in settings.features {
            guard let join = feature.join else { continue }
            let reference = SideTable.Reference(source: join.source, key: join.key)
            if features[reference] == nil { order.append(reference) }
            features[reference, default: []].append(feature)
        }
        var tables: [SideTable.Reference: SideTable] = [:]
        for reference in order {
            guard let source = settings.source(reference.source) else { continue }
            tables[reference] = try SideTable(
                source, key: reference.key, features: features[reference] ?? [], cancellation: cancellation,
                report: report)
        }
        return tables
    }
}

extension IngestSettings {
    /// Sizes of all files that will be read, together; nil if one is no regular file or cannot be seen.
    fileprivate var totalFileBytes: Int? {
        let joins = Set(features.compactMap { $0.join.map { [$0.source, $0.key] } })
        var total = 0
        for name in [log] + joins.map({ $0[0] }) {
            for path in source(name)?.paths ?? [] {
                var status = stat()
                guard path == "-" ? fstat(STDIN_FILENO, &status) == 0 : stat(path, &status) == 0,
                    status.st_mode & S_IFMT == S_IFREG
                else { return nil }
                total += Int(status.st_size)
            }
        }
        return total
    }
}
