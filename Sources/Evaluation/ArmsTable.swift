import Samples

/// A summary for a terminal or a pipe: plain text, no colours, at most 100 columns, a line feed at the end.
///
/// Top to bottom: arms by metrics (`mean ± sd` over the seeds, or one number where there is one seed), the users and rows behind
/// them and which users were left out, the differences between arms, quantiles of drift. Where the metrics do not fit beside each
/// other, those of ranking come first and those of calibration below.
public struct ArmsTable: Sendable, Hashable, CustomStringConvertible {
    private let summary: RunSummary
    private let drift: [DriftQuantiles]

    /// A table of all seeds; `drift` is shown below it, one entry after the other.
    public init(_ summary: RunSummary, drift: [DriftQuantiles] = []) {
        self.summary = summary
        self.drift = drift
    }

    /// A table of one run.
    public init(_ metrics: RunMetrics, drift: [DriftQuantiles] = []) {
        self.init(RunSummary(metrics), drift: drift)
    }

    /// The table as text.
    public var description: String {
        let paragraphs = [arms, scope, differences] + drift.map { Self.wrapped($0) }
        return paragraphs.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") + "\n" }.joined(separator: "\n")
    }

    // MARK: Arms

    private static let width = 100
    private static let blocks: [[Metric]] = [[.auc, .gauc, .averageAUC], [.logLoss, .pcoc, .ece]]

    private var arms: [String] {
        let whole = Self.aligned(rows(of: Self.blocks.flatMap(\.self)))
        if whole.allSatisfy({ $0.count <= Self.width }) { return whole }
        return Array(Self.blocks.map { Self.aligned(rows(of: $0)) }.joined(separator: [""]))
    }

    private func rows(of metrics: [Metric]) -> [[String]] {
        [["arm"] + metrics.map(\.title)]
            + summary.arms.map { arm in [Self.shown(arm.name)] + metrics.map { Self.cell(arm[$0]) } }
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
            "left out  \(users.singleClass) with one class only (of GAUC and user-mean AUC),"
                + " \(users.withoutRows) without \(scope.part.name) rows",
            "samples   \(scope.samples) \(scope.part.name), \(scope.positives) positive;"
                + " global CTR of the train parts \(FixedPoint.text(scope.globalCTR))",
        ]
        if summary.seeds.count > 1 {
            lines.append(
                "seeds     \(summary.seeds.count): mean ± standard deviation over seeds; it says nothing of other users"
            )
        }
        if users.evaluated < Self.fewUsers {
            lines.append("caution   GAUC and user-mean AUC rest on \(users.evaluated) users: too few to lean on")
        }
        return lines
    }

    // MARK: Differences

    private var differences: [String] {
        let rows = summary.comparisons.map { comparison in
            [
                "\(Self.shown(comparison.a)) − \(Self.shown(comparison.b))", comparison.metric.title,
                Self.cell(ofDifference: comparison.difference),
            ]
        }
        return Self.aligned(rows, leading: 3)
    }

    /// `+0.0023 ± 0.0008 (4 of 4 seeds)`: the seeds whose difference has the sign of the mean.
    private static func cell(ofDifference spread: SeedSpread) -> String {
        guard let mean = spread.mean, let sd = spread.sd else { return FixedPoint.signedText(spread.mean) }
        let agreeing = spread.values.count { value in
            value.map { mean > 0 ? $0 > 0 : mean < 0 ? $0 < 0 : $0 == 0 } ?? false
        }
        return "\(FixedPoint.signedText(mean)) ± \(FixedPoint.text(sd)) (\(agreeing) of \(spread.values.count) seeds)"
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
