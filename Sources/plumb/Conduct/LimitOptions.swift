import ArgumentParser
import Pipelines

/// Bounds on what a log may grow to.
struct LimitOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Longest row, in bytes. Default: 1 MiB.", valueName: "size"))
    var maxLine: String?

    @Option(help: ArgumentHelp("Most decompressed bytes of a file. Default: 1 TiB.", valueName: "size"))
    var maxDecompressed: String?

    @Option(help: ArgumentHelp("Most decompressed bytes a compressed one. Default: 1000.", valueName: "n"))
    var maxExpansion: Int?

    @Option(help: ArgumentHelp("Most entries of an archive. Default: 100000.", valueName: "n"))
    var maxEntries: Int?

    /// The settings that were given.
    var overrides: [SettingOverride?] {
        [
            SettingOverride("ingest.limits.line_bytes", "--max-line", maxLine),
            SettingOverride("ingest.limits.decompressed_bytes", "--max-decompressed", maxDecompressed),
            SettingOverride("ingest.limits.expansion_ratio", "--max-expansion", maxExpansion),
            SettingOverride("ingest.limits.entries", "--max-entries", maxEntries),
        ]
    }
}
