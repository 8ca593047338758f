import ArgumentParser

/// What a command says of itself while it works and at its end.
struct ReportOptions: ParsableArguments {
    /// How progress is shown.
    enum ProgressMode: String {
        /// A line that renews itself; what `--progress` alone means.
        case line
        /// A plain line every 10 seconds, for logs.
        case log
    }

    @Flag(name: .shortAndLong, help: "Say nothing but errors.")
    var quiet = false

    // Text and not `ProgressMode`: an option that may stand alone takes its default for a word that it does not know.
    @Option(
        defaultAsFlag: ProgressMode.line.rawValue,
        help: ArgumentHelp(
            "Show progress: 'line' renews one line, 'log' prints one every 10 s. Default: line on a terminal.",
            valueName: "mode"),
        completion: .list([ProgressMode.line, .log].map(\.rawValue)))
    var progress: String?

    @Flag(name: .customLong("no-progress"), help: "Show no progress.")
    var noProgress = false

    @Option(help: ArgumentHelp("Also write the closing account as JSON.", valueName: "path"), completion: .file())
    var summary: String?

    /// A line that stays, unless nothing is to be said.
    func say(_ line: @autoclosure () -> String) {
        if !quiet { StandardError.write("plumb \(line())\n") }
    }

    /// A line of progress that stays, where progress is shown at all.
    func log(_ line: @autoclosure () -> String) {
        if progressMode != nil { StandardError.write("plumb \(line())\n") }
    }

    func validate() throws {
        if let progress, ProgressMode(rawValue: progress) == nil {
            throw ValidationError("--progress takes 'line' or 'log', not '\(progress)'.")
        }
    }

    /// The mode that results; nil for none.
    var progressMode: ProgressMode? {
        if quiet || noProgress { return nil }
        return progress.flatMap(ProgressMode.init) ?? (StandardError.isTerminal ? .line : nil)
    }
}
