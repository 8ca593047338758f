import Evaluation
import LogIngest
import Samples

extension PipelineFindings {
    private static let mostFiles = 3
    private static let mostLabelTexts = 5

    /// All that was found, for a person, with a final line break.
    public var text: String {
        var lines = sources.flatMap(sourceLines)
        if let shown = tally.shown, shown.count > 0 {
            lines += ["", "first samples"] + sampleLines(shown)
        }
        lines += ["", "\(rowsText): \(progress.rowsKept) kept, \(progress.rowsRejected) rejected"]
        lines += rejectLines
        if tally.samples > 0 { lines += ShownText.columns(factRows).map { "  \($0)" } }
        lines += [""] + (warnings.isEmpty ? ["no warnings"] : warnings.map(\.description))
        return lines.joined(separator: "\n") + "\n"
    }

    /// The texts of the label's column with their counts, the most frequent first.
    var labelTextsText: String {
        guard let labelTexts else { return "" }
        let counted = zip(labelTexts.counts.indices, labelTexts.counts).sorted { ($1.1, $0.0) < ($0.1, $1.0) }
        let told = counted.prefix(Self.mostLabelTexts).map {
            "\(ShownText.plain(labelTexts.keys[$0.0])) (\($0.1))"
        }
        let rest = counted.count - told.count
        return told.joined(separator: ", ") + (rest > 0 ? " and \(rest) other texts" : "")
    }

    // MARK: Sources

    private func sourceLines(_ source: SourceHead) -> [String] {
        let keys = sideTableKeys[source.name].map { ", \(ShownText.count($0, "key"))" }
        let isClickLog = source.name == settings.roles.label.clickLog?.source
        let title = source.name == settings.log ? "log" : isClickLog ? "click log" : "side table"
        var lines = ["\(title) `\(source.name)`\(keys ?? "")"]
        for file in source.files.prefix(Self.mostFiles) {
            let entry = file.path == source.stream?.file ? source.stream?.entry.map { "(\($0))" } : nil
            let size = file.bytes.map { ", \($0) bytes" } ?? ""
            lines.append("  \(file.path == "-" ? "<stdin>" : file.path)\(entry ?? "")\(size)")
        }
        let rest = source.files.dropFirst(Self.mostFiles)
        if !rest.isEmpty { lines.append("  and \(rest.count) more, \(rest.reduce(0) { $0 + ($1.bytes ?? 0) }) bytes") }
        let uses = uses(in: source.name)
        let rows = source.columns.map { [ShownText.plain($0), (uses[$0] ?? ["not used"]).joined(separator: ", ")] }
        return lines + ShownText.columns(rows).map { "    \($0)" }
    }

    /// What each used column of a source is for.
    private func uses(in source: String) -> [String: [String]] {
        var uses: [String: [String]] = [:]
        func add(_ use: String, _ column: String) {
            if uses[column]?.contains(use) != true { uses[column, default: []].append(use) }
        }
        if source == settings.log {
            add("user", settings.roles.user)
            add("time", settings.roles.time.column)
            let labelUse = settings.roles.label.clickLog.map { "key to `\($0.source)`" } ?? "label"
            for column in settings.roles.label.columns { add(labelUse, column) }
            if let item = settings.roles.item { add("item", item) }
        }
        if let clicks = settings.roles.label.clickLog, source == clicks.source {
            for column in clicks.key { add("key", column) }
            if let window = clicks.window { add("time", window.time.column) }
        }
        for feature in settings.features {
            if let join = feature.join {
                if source == settings.log { add("key to `\(join.source)`", join.on) }
                if source == join.source {
                    add("key", join.key)
                    add("feature `\(feature.name)`", feature.column)
                }
            } else if source == settings.log {
                add("feature `\(feature.name)`", feature.column)
            }
        }
        return uses
    }

    // MARK: Samples

    private func sampleLines(_ batch: SampleBatch) -> [String] {
        let features = settings.schema.features
        var rows = [["user", "time", "label"] + (batch.groups == nil ? [] : ["group"]) + features.map(\.name)]
        for row in 0..<batch.count {
            var cells = [
                ShownText.plain("\(batch.users[row])"), ShownText.time(batch.times[row]), "\(Int(batch.labels[row]))",
            ]
            if let groups = batch.groups { cells.append("\(groups[row])") }
            for (index, feature) in features.enumerated() {
                cells.append(ShownText.plain(value(row, of: batch.features[index], feature)))
            }
            rows.append(cells)
        }
        return ShownText.columns(rows).map { "  \($0)" }
    }

    /// A feature's value by its keys: `Action|Comedy`; ids by hash as `#17`, a missing one as `-`.
    private func value(_ row: Int, of column: FeatureColumn, _ feature: SampleSchema.Feature) -> String {
        func key(_ id: UInt32) -> String {
            guard id > 0 else { return "-" }
            guard let keys = vocabularies[feature.name]?.keys, Int(id) <= keys.count else { return "#\(id)" }
            return keys[Int(id) - 1]
        }
        switch column {
        case .categorical(let ids): return key(ids[row])
        case .multivalued(let lists): return lists[row].isEmpty ? "-" : lists[row].map(key).joined(separator: "|")
        case .dense(let numbers): return "\(numbers[row])"
        }
    }

    // MARK: Counts

    private var rejectLines: [String] {
        var lines: [String] = []
        for kind in rejects.kinds {
            let what = kind.column.map { "`\(ShownText.plain($0))`" } ?? "the whole row"
            lines.append("  \(kind.count) for \(what)")
            lines += kind.examples.map { "    \($0.position): \($0.reason)" }
        }
        if rejects.others > 0 { lines.append("  \(rejects.others) for other reasons") }
        return lines
    }

    private var factRows: [[String]] {
        let counts = tally.users.values.map(\.samples)
        let (least, most) = (counts.min() ?? 0, counts.max() ?? 0)
        let each = (least == most ? "" : "\(least) to ") + ShownText.count(most, "sample")
        var rows = [["users", "\(tally.users.count), \(each) each"]]
        let share = FixedPoint.text(Double(tally.positives) / Double(tally.samples))
        if let times = tally.times {
            rows.append(["times", "\(ShownText.time(times.lowerBound)) to \(ShownText.time(times.upperBound))"])
        }
        let texts =
            settings.roles.label.ownColumn.map { labelTexts == nil ? "" : "; `\($0)` holds \(labelTextsText)" } ?? ""
        rows.append(["label", "\(tally.positives) of \(tally.samples) samples are 1 (\(share))\(texts)"])
        let spread = tally.spread
        if spread.users > 1, let range = spread.range {
            let (low, high) = (FixedPoint.text(range.lowerBound), FixedPoint.text(range.upperBound))
            let users = "\(spread.users) users with \(LocalCTRSpread.leastSamples) samples or more"
            rows.append(["local CTR", "\(low) to \(high) over \(users)\(Self.text(spread.verdict))"])
        }
        for (index, feature) in settings.schema.features.enumerated() where index < tally.features.count {
            rows.append([feature.name, facts(tally.features[index], feature)])
        }
        return rows
    }

    private static func text(_ verdict: LocalCTRSpread.Verdict) -> String {
        switch verdict {
        case .drift: ", further apart than chance makes them"
        case .chance: ", no further apart than chance makes them"
        case .fixedRatio: ", more alike than chance makes them"
        case .undecided: ""
        }
    }

    private func facts(_ values: HeadTally.Feature, _ feature: SampleSchema.Feature) -> String {
        var text =
            switch (values.numbers, feature.encoding) {
            case (let numbers?, _): "\(numbers.lowerBound) to \(numbers.upperBound)"
            case (nil, .dictionary): ShownText.count(values.ids.count, "key")
            case (nil, _): "\(ShownText.count(values.ids.count, "id")) by hash"
            }
        if values.without > 0 { text += ", \(ShownText.count(values.without, "sample")) without one" }
        let join = settings.features.first { $0.name == feature.name }?.join
        if let join, let misses = joinMisses[feature.name], misses > 0 {
            text += ", \(ShownText.count(misses, "row")) without a partner in `\(join.source)`"
        }
        return text
    }
}
