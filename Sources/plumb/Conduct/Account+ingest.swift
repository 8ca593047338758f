import LogIngest

extension Account {
    /// What became of a log: its rows, then what was left without a partner or an id, then what could not be read. Each
    /// damage also gets a line of its own on standard error.
    mutating func add(_ report: IngestReport) {
        let progress = report.progress
        add("read", progress.rowsRead)
        add("kept", progress.rowsKept)
        add("rejected", progress.rowsRejected)
        if progress.samples != progress.rowsKept { add("samples", progress.samples) }
        for (feature, count) in report.unseenCounts.sorted(by: { $0.key < $1.key }) {
            add("unseen in \(feature)", count)
        }
        for (feature, count) in report.joinMisses.sorted(by: { $0.key < $1.key }) where count > 0 {
            add("without \(feature)", count)
        }
        if let clicks = report.clicks {
            add("clicks", clicks.count)
            add("clicks without an impression", clicks.withoutImpression)
        }
        let damages = report.damages
        for damage in damages { StandardError.write("plumb \(stage): kept what came before: \(damage)\n") }
        if !damages.isEmpty { add("damaged files", damages.count) }
        add("bytes read", progress.compressedBytesRead)
    }
}
