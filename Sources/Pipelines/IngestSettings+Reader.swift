import LogIngest
import Samples

extension IngestSettings {
    /// The section `ingest`. Relative paths of sources start at `folder`. Nil if it is too faulty to make settings of; the
    /// reader then holds the faults.
    init?(_ reader: SettingsReader, folder: String) {
        let sources = reader.sections("sources").map { IngestSettings.Source(name: $0.name, $0.reader, folder: folder) }
        if sources.isEmpty {
            reader.fault("`ingest.sources` names no log", key: "sources")
        }
        let log = reader.text("log", default: sources.count == 1 ? sources[0].name : "")
        if !sources.isEmpty && !sources.contains(where: { $0.name == log }) {
            reader.fault(
                log.isEmpty ? "`ingest.log` must say which source is the log" : "there is no source `\(log)`",
                key: "log", advice: "the sources are \(sources.map(\.name).joined(separator: ", "))")
        }
        let user = reader.requiredText("user")
        let userKind = reader.choice("user_kind", default: UserKind.integer)
        let time = Time(reader)
        let label = LabelRule(reader, logTime: time)
        let item = reader.text("item")
        let features = reader.sections("features").map {
            FeatureSetting(name: $0.name, $0.reader, sources: sources, log: log)
        }
        let batchRows = reader.integer("batch_rows", default: 4096, in: 1...1_048_576)
        let vocabulary = reader.text("vocabulary").map { reader.opened($0, key: "vocabulary", folder: folder) }
        let mostRejects = reader.value(
            "max_rejects", default: MostRejects.rows(0), expected: "a number of rows or a share such as 0.1%",
            parse: MostRejects.init)
        let salvage = reader.boolean("salvage", default: false)
        let limits = Limits(reader.section("limits"))
        reader.finish()
        guard let time, let label else { return nil }
        self.init(
            sources: sources, log: log,
            roles: Roles(user: user, time: time, label: label, item: item),
            features: features, userKind: userKind == .integer ? .integer : .text, batchRows: batchRows,
            vocabulary: vocabulary, mostRejects: mostRejects, salvage: salvage,
            limits: limits)
    }

    private enum UserKind: String, CaseIterable { case integer, text }
}

extension IngestSettings.Limits {
    /// The section `ingest.limits`.
    fileprivate init(_ reader: SettingsReader) {
        let standard = Self()
        self.init(
            lineBytes: reader.bytes("line_bytes", default: standard.lineBytes, in: 1...Self.mostLineBytes),
            decompressedBytes: reader.bytes("decompressed_bytes", default: standard.decompressedBytes, in: 1...Int.max),
            expansionRatio: reader.integer("expansion_ratio", default: standard.expansionRatio, in: 1...Int.max),
            entries: reader.integer("entries", default: standard.entries, in: 1...Int.max))
        reader.finish()
    }
}

extension IngestSettings.Source {
    private enum FormatName: String, CaseIterable { case csv, tsv, jsonl, arrow }

    /// One source under `ingest.sources`.
    fileprivate init(name: String, _ reader: SettingsReader, folder: String) {
        let paths = reader.texts("path") ?? []
        if paths.isEmpty { reader.fault("`\(reader.path).path` is missing", key: "path") }
        let entry = reader.text("entry")
        let format = reader.choice("format", default: FormatName.csv)
        let sourceFormat: IngestSettings.Format
        switch format {
        case .csv: sourceFormat = Self.csv(reader)
        case .tsv: sourceFormat = .tsv
        case .jsonl: sourceFormat = .jsonLines
        case .arrow: sourceFormat = .arrow
        }
        if format != .csv {
            reader.refuse("delimiter", "only csv has a delimiter; \(format.rawValue) has its own")
            reader.refuse("quote", "only csv has quotes; \(format.rawValue) has none, or its own")
        }
        let columns = reader.texts("columns")
        if columns != nil && (format == .jsonl || format == .arrow) {
            reader.fault("only csv and tsv name their columns here; \(format.rawValue) does so itself", key: "columns")
        }
        reader.finish()
        self.init(
            name: name, paths: paths.map { reader.opened($0, key: "path", folder: folder) }, entry: entry,
            format: sourceFormat, header: columns.map { .names($0) } ?? .firstRow)
    }

    private static func csv(_ reader: SettingsReader) -> IngestSettings.Format {
        let delimiter = reader.text("delimiter", default: ",")
        let quote = reader.value(
            "quote", default: "\"", expected: "one ASCII character, or none",
            parse: { $0 == Self.noQuote || $0.utf8.count == 1 ? $0 : nil })
        return .csv(delimiter: delimiter, quote: quote == Self.noQuote ? nil : quote)
    }

    /// Stands for text without quoting.
    private static let noQuote = "none"
}

extension IngestSettings.FeatureSetting {
    private enum KindName: String, CaseIterable { case categorical, multivalued, dense }

    /// One feature under `ingest.features`.
    fileprivate init(
        name: String, _ reader: SettingsReader, sources: [IngestSettings.Source], log: String
    ) {
        let column = reader.text("column", default: name)
        var join: Join?
        if reader.has("join") {
            let section = reader.section("join")
            join = Join(
                source: section.requiredText("source"), key: section.requiredText("key"),
                on: section.requiredText("on"), rows: section.choice("rows", default: Join.Rows.one))
            section.finish()
        } else {
            // Asked for, so that it is a known key.
            _ = reader.section("join")
        }
        let kind = reader.choice("kind", default: KindName.categorical)
        let hashSize = reader.integer("hash_size", default: 0, in: 0...Int(Int32.max))
        let encoding: SampleSchema.Encoding = hashSize > 0 ? .hash(size: hashSize) : .dictionary
        let transform = reader.choice("transform", default: DenseTransform.identity)
        let separator = reader.text("separator")
        let missing = reader.texts("missing") ?? []
        let source = join?.source ?? log
        let listSeparator = sources.first { $0.name == source }?.format.listSeparator
        if kind == .multivalued && separator == nil && listSeparator == nil && join?.rows != .many {
            reader.fault("`\(reader.path).separator` is missing: a multivalued feature needs it", key: "separator")
        }
        if kind != .multivalued && separator != nil {
            reader.fault("only a multivalued feature has a separator", key: "separator")
        }
        if kind == .dense && hashSize > 0 { reader.fault("a dense feature has no hash", key: "hash_size") }
        if kind != .dense && transform != .identity {
            reader.fault("only a dense feature has a transform", key: "transform")
        }
        reader.finish()
        let featureKind: Kind =
            switch kind {
            case .categorical: .categorical(encoding)
            case .multivalued: .multivalued(separator: separator ?? listSeparator ?? "", encoding)
            case .dense: .dense(transform)
            }
        self.init(name: name, column: column, join: join, kind: featureKind, missing: missing)
    }
}
