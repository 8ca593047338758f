extension IngestSettings {
    /// A file and what an ingest reads it for.
    public struct FileUse: Sendable, Hashable {
        /// What for, as a person says it: `log`, `click log`, ``side table `movies` ``, `vocabulary`.
        public let purpose: String
        /// The path that is opened; `-` is standard input.
        public let path: String
    }

    /// Every file that an ingest by these settings reads, the log's first, each list in its order. A file stands here once
    /// for each use.
    ///
    /// Patterns and folders stand as they are: `expandPaths` puts their files in their place.
    public var fileUses: [FileUse] {
        var uses = (source(log)?.paths ?? []).map { FileUse(purpose: "log", path: $0) }
        var tables: [String] = []
        for join in features.compactMap(\.join) where !tables.contains(join.source) { tables.append(join.source) }
        for table in tables {
            uses += (source(table)?.paths ?? []).map { FileUse(purpose: "side table `\(table)`", path: $0) }
        }
        if let clicks = roles.label.clickLog {
            uses += (source(clicks.source)?.paths ?? []).map { FileUse(purpose: "click log", path: $0) }
        }
        if let vocabulary { uses.append(FileUse(purpose: "vocabulary", path: vocabulary)) }
        return uses
    }
}
