public import Samples

extension IngestSettings {
    /// Throws `usage` for the first thing in the settings that makes no sense. Opens no file of the user's; a named time zone
    /// is looked up.
    public func validate() throws(StageError) {
        guard let logSource = source(log) else { throw Self.unknownSource(log, as: "the log", in: sources) }
        for (index, source) in sources.enumerated() {
            if sources[..<index].contains(where: { $0.name == source.name }) {
                throw StageError(.usage, "two sources are called `\(source.name)`")
            }
            try source.validate()
        }
        try validateStandardInput()
        if batchRows < 1 { throw StageError(.usage, "a batch must have at least 1 row, not \(batchRows)") }
        try limits.validate()
        for column in [roles.user, roles.time.column] { try logSource.require(column) }
        try roles.time.validate()
        try validateLabel(log: logSource)
        let all = allFeatures
        for (index, feature) in all.enumerated() {
            if all[..<index].contains(where: { $0.name == feature.name }) {
                throw StageError(.usage, "two features are called `\(feature.name)`")
            }
            try validate(feature, log: logSource)
        }
    }

    /// Throws if standard input is named twice, or holds a source that is read more than once: a side table is read for each
    /// key that it is joined by.
    private func validateStandardInput() throws(StageError) {
        var named = vocabulary == "-" ? 1 : 0
        for source in sources {
            let count = source.paths.count { $0 == "-" }
            guard count > 0 else { continue }
            named += count
            let joins = Set(features.compactMap(\.join).filter { $0.source == source.name })
            let readings = joins.count + (roles.label.clickLog?.source == source.name ? 1 : 0)
            if readings > 1 {
                throw StageError(
                    .usage,
                    "standard input, `-`, can be read only once, and the source `\(source.name)` is read \(readings) times",
                    advice: "name a file: it is read once for each different join, and once for clicks")
            }
        }
        if named > 1 { throw StageError(.usage, "standard input, `-`, can be read only once") }
    }

    private func validate(_ feature: FeatureSetting, log logSource: Source) throws(StageError) {
        if feature.name.isEmpty || Self.reservedNames.contains(feature.name) {
            throw StageError(
                .usage, "a feature cannot be called `\(feature.name)`",
                advice: "these names have a meaning of their own: \(Self.reservedNames.joined(separator: ", "))")
        }
        if let join = feature.join {
            guard let side = source(join.source) else {
                throw Self.unknownSource(join.source, as: "the side table of feature `\(feature.name)`", in: sources)
            }
            if join.source == log {
                throw StageError(.usage, "feature `\(feature.name)` is joined from the log itself")
            }
            if join.on != roles.label.list?.item { try logSource.require(join.on) }
            try side.require(join.key)
            try side.require(feature.column)
        } else if feature.column != roles.label.list?.item {
            try logSource.require(feature.column)
        }
        if case .multivalued = feature.kind {
        } else if feature.join?.rows == .many {
            throw StageError(
                .usage, "feature `\(feature.name)` is joined with many rows, so it must be multivalued")
        }
        if case .multivalued("", _) = feature.kind, feature.join?.rows != .many {
            throw StageError(.usage, "feature `\(feature.name)` needs a separator")
        }
        switch feature.kind {
        case .categorical(.hash(let size)), .multivalued(_, .hash(let size)):
            if !(1...Int(Int32.max)).contains(size) {
                throw StageError(
                    .usage, "feature `\(feature.name)`: a hash size is from 1 to 2,147,483,647, not \(size)")
            }
        case .categorical(.dictionary), .multivalued(_, .dictionary), .dense: break
        }
    }

    /// Columns of sample streams that are not features.
    private static let reservedNames = ["user", "time", "label", "label_corrected", "part", "group"]

    static func unknownSource(_ name: String, as what: String, in sources: [Source]) -> StageError {
        StageError(
            .usage, "there is no source `\(name)` for \(what)",
            advice: "the sources are \(sources.map(\.name).joined(separator: ", "))")
    }
}

extension IngestSettings.Source {
    fileprivate func validate() throws(StageError) {
        if paths.isEmpty { throw StageError(.usage, "source `\(name)` names no file") }
        if case .csv(let delimiter, let quote) = format {
            if delimiter.isEmpty || delimiter.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D }) {
                throw StageError(.usage, "source `\(name)`: a delimiter is one or more characters, but no line break")
            }
            if let quote {
                guard quote.utf8.count == 1, let byte = quote.utf8.first, byte != 0x0A, byte != 0x0D else {
                    throw StageError(.usage, "source `\(name)`: a quote is one ASCII character, not `\(quote)`")
                }
                if delimiter.utf8.contains(byte) {
                    throw StageError(.usage, "source `\(name)`: the delimiter must not hold the quote")
                }
            }
        }
        if case .names(let names) = header {
            if format == .jsonLines || format == .arrow {
                throw StageError(.usage, "source `\(name)` names its columns, which its format does itself")
            }
            if names.isEmpty { throw StageError(.usage, "source `\(name)` names no column") }
            for (index, column) in names.enumerated() where names[..<index].contains(column) {
                throw StageError(.usage, "source `\(name)` names the column `\(column)` twice")
            }
        }
    }

    /// Throws if the settings name all columns and `column` is not among them.
    func require(_ column: String) throws(StageError) {
        guard case .names(let names) = header, !names.contains(column) else { return }
        throw StageError(
            .usage, "source `\(name)` has no column `\(column)`",
            advice: ColumnNames(names).advice(for: column))
    }
}
