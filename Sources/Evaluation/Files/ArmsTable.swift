import Samples

/// A summary for a terminal or a pipe: plain text, no colours, at most 100 columns, a line feed at the end.
///
/// Top to bottom: arms by metrics (`mean ± sd` over the seeds, or one number where there is one seed), the users and rows behind
/// them and which users were left out, the differences between arms, quantiles of drift. Where the metrics do not fit beside each
/// other, those of ranking come first and those of calibration below.
///
/// For a terminal it can have bars: each arm's GAUC over the range of all arms' and, where there is room, each difference with its
/// interval around 0.
public struct ArmsTable: Sendable, Hashable, CustomStringConvertible {
    private let summary: RunSummary
    private let drift: [DriftQuantiles]
    private let hasBars: Bool

    /// A table of all seeds; `drift` is shown below it, one entry after the other.
    public init(_ summary: RunSummary, drift: [DriftQuantiles] = [], hasBars: Bool = false) {
        self.summary = summary
        self.drift = drift
        self.hasBars = hasBars
    }

    /// A table of one run.
    public init(_ metrics: RunMetrics, drift: [DriftQuantiles] = [], hasBars: Bool = false) {
        self.init(RunSummary(metrics), drift: drift, hasBars: hasBars)
    }

    /// The table as text.
    public var description: String {
        var paragraphs = [arms, scope, differences, slices] + drift.map { Self.wrapped($0) }
        // Bars end in blanks, which are not to be seen.
        if hasBars { paragraphs = paragraphs.map { $0.map { String($0.reversed().drop { $0 == " " }.reversed()) } } }
        return paragraphs.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") + "\n" }.joined(separator: "\n")
    }

    // MARK: Arms

    private static let width = 100
    private static let blocks: [[Metric]] = [
        [.auc, .gauc, .averageAUC], [.ndcg, .hitRate], [.logLoss, .pcoc, .ece, .userRCE],
    ]

    private var arms: [String] {
        // Without ranked lists there is nothing to say of them.
        let blocks = Self.blocks.filter { summary.scope.lists > 0 || !$0.contains(.ndcg) }
        let whole = Self.aligned(rows(of: blocks.flatMap(\.self)))
        if whole.allSatisfy({ $0.count <= Self.width }) { return whole }
        let fitting = blocks.flatMap { block in
            Self.aligned(rows(of: block)).allSatisfy { $0.count <= Self.width } ? [block] : block.map { [$0] }
        }
        return Array(fitting.map { Self.aligned(rows(of: $0)) }.joined(separator: [""]))
    }

    private func rows(of metrics: [Metric]) -> [[String]] {
        var rows =
            [["arm"] + metrics.map { Self.title($0, top: summary.scope.top) }]
            + summary.arms.map { arm in [Self.shown(arm.name)] + metrics.map { Self.cell(arm[$0]) } }
        if let gauc = metrics.firstIndex(of: .gauc), let range = barRange {
            let bars = summary.arms.map { arm in
                arm[.gauc].mean.map {
                    let share = ($0 - range.lowerBound) / (range.upperBound - range.lowerBound)
                    return TextBar.bar(share, cells: Self.barCells)
                } ?? ""
            }
            for (row, bar) in ([""] + bars).enumerated() {
                rows[row].insert(bar.isEmpty ? String(repeating: " ", count: Self.barCells) : bar, at: gauc + 2)
            }
        }
        return rows
    }

    private static let barCells = 10

    /// What the arms' bars start and end at; nil where there are none, as where no two arms' GAUC differ.
    private var barRange: ClosedRange<Double>? {
        let means = summary.arms.compactMap { $0[.gauc].mean }
        guard hasBars, let least = means.min(), let most = means.max(), least < most else { return nil }
        return least...most
    }

    /// The metric's name, with k.
    private static func title(_ metric: Metric, top: Int) -> String {
        metric == .ndcg || metric == .hitRate ? "\(metric.title)@\(top)" : metric.title
    }

    private static func cell(_ spread: SeedSpread) -> String {
        guard let sd = spread.sd else { return FixedPoint.text(spread.mean) }
        return "\(FixedPoint.text(spread.mean)) ± \(FixedPoint.text(sd))"
    }

    /// Columns of one width each, two spaces between: the first `leading` to the left, the others to the right.
    private static func aligned(_ rows: [[String]], leading: Int = 1) -> [String] {
        let columns = rows.first?.indices ?? 0..<0
        let widths = columns.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            columns.map { column in
                let padding = String(repeating: " ", count: widths[column] - row[column].count)
                if column >= leading { return padding + row[column] }
                return column == columns.upperBound - 1 ? row[column] : row[column] + padding
            }.joined(separator: "  ")
        }
    }

    /// A name from a file, cut to 40 characters, without characters that steer a terminal.
    private static func shown(_ name: String) -> String {
        let printable = String(
            String.UnicodeScalarView(
                name.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{fffd}" : $0 }))
        return printable.count <= 40 ? printable : printable.prefix(39) + "…"
    }

    // MARK: Scope

    /// Below this many users a mean over users gets a word of caution.
    private static let fewUsers = 100

    private var scope: [String] {
        let scope = summary.scope
        let users = scope.users
        var lines = [
            "users     \(users.total) in all, \(users.evaluated) evaluated",
            "left out  \(users.singleClass) with one class only (of GAUC, user-mean AUC and RCE),"
                + " \(users.withoutRows) without \(scope.part.name) rows",
            "samples   \(scope.samples) \(scope.part.name), \(scope.positives) positive;"
                + " global CTR of the train parts \(FixedPoint.text(scope.globalCTR))",
        ]
        if summary.seeds.count > 1 {
            lines.append(
                "seeds     \(summary.seeds.count): mean ± standard deviation over seeds; it says nothing of other users"
            )
        }
        if let range = barRange {
            lines.append(
                "bars      GAUC from \(FixedPoint.text(range.lowerBound)) to \(FixedPoint.text(range.upperBound))")
        }
        if users.evaluated < Self.fewUsers {
            lines.append("caution   GAUC and user-mean AUC rest on \(users.evaluated) users: too few to lean on")
        }
        return lines
    }

    // MARK: Differences

    private var differences: [String] {
        if summary.comparisons.isEmpty { return [] }
        let isJudged = summary.comparisons.contains { $0.evidence != nil }
        let header = ["difference", "metric", "", "95 % interval", "p (Holm)", "verdict"]
        let rows = summary.comparisons.map { comparison in
            [
                "\(Self.shown(comparison.a)) − \(Self.shown(comparison.b))", comparison.metric.title,
                Self.cell(ofDifference: comparison.difference), Self.cell(comparison.evidence?.interval),
                comparison.evidence?.adjustedP.map { FixedPoint.text($0, decimals: 3) } ?? "",
                comparison.verdict.title,
            ]
        }
        let table = Self.aligned(isJudged ? [header] + rows : rows.map { Array($0.prefix(3)) }, leading: 2)
        guard isJudged else { return table }
        let marked = Self.aligned(zip([header] + rows, [""] + marks).map { $0 + [$1] }, leading: 2)
        let hasMarks = hasBars && marked.allSatisfy { $0.count <= Self.width }
        let note =
            "intervals: \(summary.seeds.count > 1 ? "each user's mean over the seeds; " : "")users drawn with replacement;"
            + " p: Wilcoxon on users' AUC, by Holm's rule"
        guard hasMarks else { return table + [note] }
        return marked + [note, "marks: ● the difference, ─ its interval, │ zero; each metric has its own scale"]
    }

    /// How many cells a mark has on both sides of 0.
    private static let markReach = 5

    /// For each difference where it lies and what its interval covers, by the greatest end of an interval of that metric; blank
    /// without an interval.
    private var marks: [String] {
        summary.comparisons.map { comparison in
            guard let value = comparison.difference.mean, let interval = comparison.evidence?.interval else {
                return String(repeating: " ", count: Self.markReach * 2 + 1)
            }
            let intervals = summary.comparisons.filter { $0.metric == comparison.metric }.compactMap(
                \.evidence?.interval)
            let most = intervals.map { max(abs($0.lowerBound), abs($0.upperBound)) }.max() ?? 0
            return TextBar.mark(value, interval, most: most, reach: Self.markReach)
        }
    }

    private static func cell(_ interval: ClosedRange<Double>?) -> String {
        interval.map { "\(FixedPoint.signedText($0.lowerBound)) \(FixedPoint.signedText($0.upperBound))" } ?? ""
    }

    /// `+0.0023 ± 0.0008`.
    private static func cell(ofDifference spread: SeedSpread) -> String {
        guard let sd = spread.sd else { return FixedPoint.signedText(spread.mean) }
        return "\(FixedPoint.signedText(spread.mean)) ± \(FixedPoint.text(sd))"
    }

    // MARK: Slices

    /// What correction changes, slice by slice; without both arms what the first pair shows.
    private var slices: [String] {
        guard let first = summary.slices.first?.comparisons else { return [] }
        let pair = first.first { $0.a == "corrected" && $0.b == "finetuned" } ?? first.first
        guard let pair else { return [] }
        let rows = summary.slices.map { slice in
            let found = slice.comparisons.first { $0.a == pair.a && $0.b == pair.b }
            return [
                "\(slice.by): \(slice.name)", "\(slice.evaluatedUsers)", FixedPoint.signedText(found?.difference),
                Self.cell(found?.evidence.interval), found?.verdict.title ?? "",
            ]
        }
        return Self.aligned(
            [["\(Self.shown(pair.a)) − \(Self.shown(pair.b)), GAUC", "users", "", "95 % interval", "verdict"]] + rows)
    }

    // MARK: Drift

    private static func wrapped(_ drift: DriftQuantiles) -> [String] {
        var lines = [drift.title]
        for (index, quantile) in drift.quantiles.enumerated() {
            let value = drift.areDifferences ? FixedPoint.signedText(quantile.value) : FixedPoint.text(quantile.value)
            let word = "\(quantile.label) \(value)"
            if index > 0, lines[lines.count - 1].count + 2 + word.count <= width {
                lines[lines.count - 1] += "  " + word
            } else {
                lines.append("  " + word)
            }
        }
        return lines
    }
}
