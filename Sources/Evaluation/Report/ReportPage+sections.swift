extension ReportPage {
    var armsSection: String {
        let metrics = Metric.allCases.filter { summary.scope.lists > 0 || ($0 != .ndcg && $0 != .hitRate) }
        let rows = summary.arms.map { arm in
            [HTMLText.escaped(arm.name)] + metrics.map { Self.cell(arm[$0]) }
        }
        let titles = metrics.map {
            $0 == .ndcg || $0 == .hitRate ? "\($0.title)@\(summary.scope.top)" : $0.title
        }
        return "<h2>Arms</h2>\n" + HTMLText.table("Every arm's metrics, means over seeds.", ["arm"] + titles, rows)
    }

    var differencesSection: String {
        let rows = summary.comparisons.map { comparison in
            [
                HTMLText.escaped("\(comparison.a) − \(comparison.b)"), comparison.metric.title,
                FixedPoint.signedText(comparison.difference.mean), Self.cell(comparison.evidence?.interval),
                comparison.evidence?.adjustedP.map { FixedPoint.text($0, decimals: 3) } ?? "",
                "<span class=\"\(comparison.verdict.rawValue)\">\(comparison.verdict.title)</span>",
            ]
        }
        let gains = summary.comparisons.filter { $0.metric == .gauc && !$0.a.hasSuffix("_prior") }.map { comparison in
            Chart.Row(
                label: "\(comparison.a) − \(comparison.b)", value: comparison.difference.mean,
                interval: comparison.evidence?.interval,
                isSure: comparison.verdict == .better || comparison.verdict == .worse)
        }
        return "<h2>Differences between arms</h2>\n"
            + Chart.intervals(
                title: "GAUC, one arm less another",
                description:
                    "Points are means over seeds, bars 95 % intervals from resampled users; strong where the verdict is sure.",
                gains
            ).html
            + HTMLText.table(
                "Differences with 95 % intervals over users; p by Wilcoxon's signed-rank test on users' AUC, corrected by Holm's rule.",
                ["difference", "metric", "mean", "95 % interval", "p (Holm)", "verdict"], rows, textColumns: 2)
    }

    var driftSection: String {
        let drift = (0..<users.count).compactMap { user in
            users.localCTR(user).map { $0 - summary.scope.globalCTR }
        }
        return "<h2>Drift</h2>\n"
            + Chart.histogram(
                title: "CTR drift of users",
                description: "Local CTR of the train part less the global CTR, \(drift.count) users.", drift
            ).html
    }

    var slicesSection: String {
        var html = "<h2>Ranking gain by slice</h2>\n"
        for pair in [("finetuned", "cloud"), ("corrected", "cloud"), ("corrected", "finetuned")] {
            let rows = summary.slices.compactMap { slice -> Chart.Row? in
                guard let found = slice.comparisons.first(where: { $0.a == pair.0 && $0.b == pair.1 }) else {
                    return nil
                }
                return Chart.Row(
                    label: "\(slice.by) \(slice.name) (\(slice.evaluatedUsers))", value: found.difference,
                    interval: found.evidence.interval, isSure: found.verdict == .better || found.verdict == .worse)
            }
            if rows.isEmpty { continue }
            html +=
                Chart.intervals(
                    title: "GAUC, \(pair.0) − \(pair.1)",
                    description:
                        "By drift, number of train samples, classes of the train part and items; in brackets the users who count.",
                    rows
                ).html
        }
        return html
    }

    var gainCurveSection: String {
        guard let first = gainCurves.first else { return "" }
        let curves = gainCurves.map { curve in
            let name = "\(curve.pair.a) − \(curve.pair.b)"
            return Chart.Curve(
                name: name, color: curve.pair.a == "corrected" ? 2 : 1,
                points: curve.points.map { point in
                    Chart.Curve.Point(
                        x: Double(point.median), y: point.gain, interval: point.interval,
                        note: """
                            \(name), \(point.users) users of \(point.range.lowerBound) to \(point.range.upperBound) train samples: \
                            \(FixedPoint.signedText(point.gain))\(point.interval.map { ", \(Self.cell($0))" } ?? "")
                            """)
                })
        }
        let users = first.points.reduce(0) { $0 + $1.users }
        return "<h2>Ranking gain by number of local samples</h2>\n"
            + Chart.curves(
                title: "GAUC gain over the number of a user's train samples",
                description: """
                    \(users) users with both classes among their rows and a train part, in \(first.points.count) groups of about equal \
                    size by its number of samples; a point stands at its group's median. Bars are 95 % intervals from resampled \
                    users of the group.
                    """,
                axis: "train samples of a user, logarithmic", curves
            ).html
    }

    var usersSection: String {
        guard let a = users.arms.first(where: { $0.name == "corrected" }),
            let b = users.arms.first(where: { $0.name == "cloud" })
        else { return "" }
        let gains = (0..<users.count).filter { users.hasBothClasses($0) }.map { a.auc[$0] - b.auc[$0] }
        return "<h2>Users</h2>\n"
            + Chart.histogram(
                title: "Gain of each user",
                description: """
                    AUC of the user's own rows, corrected − cloud, mean over seeds: of \(gains.count) users \(gains.count { $0 > 0 }) \
                    gain, \(gains.count { $0 < 0 }) lose, \(gains.count { $0 == 0 }) stay as they are.
                    """,
                gains
            ).html
    }

    var calibrationSection: String {
        let lines = ["cloud", "finetuned", "corrected", "corrected_prior"].compactMap { name -> Chart.Line? in
            guard let arm = summary.arms.firstIndex(where: { $0.name == name }), arm < calibration.count else {
                return nil
            }
            return Chart.Line(name: name, points: calibration[arm].map { ($0.meanPrediction, $0.meanLabel) })
        }
        if lines.isEmpty { return "" }
        return "<h2>Calibration</h2>\n"
            + Chart.calibration(
                title: "Mean label by mean prediction",
                description:
                    "Ten bins of equal frequency of the first seed; on the diagonal predictions are right on average.",
                lines
            ).html
    }

    var timesSection: String {
        if times.isEmpty { return "" }
        var stages: [(name: String, seeds: Int, seconds: Double)] = []
        for time in times {
            let seeds = time.seed == nil ? 0 : 1
            if let place = stages.firstIndex(where: { $0.name == time.stage }) {
                stages[place].seeds += seeds
                stages[place].seconds += time.seconds
            } else {
                stages.append((time.stage, seeds, time.seconds))
            }
        }
        let bars = stages.map { stage in
            Chart.Bar(
                label: stage.seeds > 1 ? "\(stage.name), \(stage.seeds) seeds" : stage.name, value: stage.seconds,
                text: "\(FixedPoint.text(stage.seconds, decimals: 2)) s")
        }
        let rows = times.map { time in
            [
                HTMLText.escaped(time.stage), time.seed.map(String.init) ?? "",
                FixedPoint.text(time.seconds, decimals: 2),
            ]
        }
        return "<h2>Time per stage</h2>\n"
            + Chart.bars(
                title: "Seconds by stage",
                description: """
                    When it was last done, not skipped; seeds added up, though those that are trained at the same time share the cores.
                    """,
                bars
            ).html
            + HTMLText.table("How long each step took when it was last done.", ["stage", "seed", "seconds"], rows)
    }

    var settingsSection: String {
        let prints = fingerprints.sorted { $0.key < $1.key }.map {
            [HTMLText.escaped($0.key), "<code>\(HTMLText.escaped($0.value))</code>"]
        }
        let rows = settings.map { [HTMLText.escaped($0.path), "<code>\(HTMLText.escaped($0.text))</code>"] }
        return "<h2>Made from</h2>\n"
            + HTMLText.table("Fingerprints of the first seed.", ["what", "SHA-256"], prints, textColumns: 2)
            + "<details><summary>Settings</summary>\n"
            + HTMLText.table("All settings that decide a result.", ["setting", "value"], rows, textColumns: 2)
            + "</details>\n"
    }

    // MARK: Cells

    private static func cell(_ spread: SeedSpread) -> String {
        guard let mean = spread.mean else { return "n/a" }
        guard let sd = spread.sd else { return FixedPoint.text(mean) }
        return "\(FixedPoint.text(mean)) <small>± \(FixedPoint.text(sd))</small>"
    }

    private static func cell(_ interval: ClosedRange<Double>?) -> String {
        interval.map { "\(FixedPoint.signedText($0.lowerBound)) to \(FixedPoint.signedText($0.upperBound))" } ?? ""
    }
}
