public import Samples

/// One run as one HTML page: no network, light and dark, for a screen, a phone and paper.
///
/// A function of what it is given: the same run gives the same bytes.
public struct ReportPage: Sendable {
    private let name: String
    private let summary: RunSummary
    private let users: EvaluatedUsers
    /// For each arm its bins in the first seed.
    private let calibration: [[CalibrationBin]]
    private let settings: [Setting]
    private let fingerprints: [String: String]

    /// A setting and what it is.
    public struct Setting: Sendable, Hashable {
        /// Its path in the pipeline file.
        public var path: String
        /// Its value.
        public var text: String

        /// A setting.
        public init(path: String, text: String) {
            self.path = path
            self.text = text
        }
    }

    /// The page of one run.
    ///
    /// - Parameters:
    ///   - name: what it is called.
    ///   - runs: its seeds' evaluations.
    ///   - summary: what they have in common, with comparisons and slices.
    ///   - settings: what decided its results.
    /// - Throws: `data` for runs of different rows or arms.
    public init(
        name: String, runs: [EvaluatedRun], summary: RunSummary, settings: [Setting]
    ) throws(StageError) {
        self.name = name
        self.summary = summary
        self.settings = settings
        users = try EvaluatedUsers(meanOf: runs.map(\.users))
        calibration = runs.first?.calibration ?? []
        fingerprints = runs.first?.metrics.fingerprints ?? [:]
    }

    /// The page's bytes.
    public func html() -> [UInt8] {
        let scope = summary.scope
        let intro = """
            <p>\(scope.users.total) users, \(scope.users.evaluated) with both classes among their \(scope.samples) \
            \(scope.part.name) samples; \(scope.users.singleClass) with one class and \(scope.users.withoutRows) without samples are \
            left out of means over users. Global CTR of the train parts \(FixedPoint.text(scope.globalCTR)). \
            \(summary.seeds.count == 1 ? "One seed." : "\(summary.seeds.count) seeds: ± is their standard deviation.")</p>

            """
        let body = [
            intro, armsSection, differencesSection, driftSection, slicesSection, usersSection, calibrationSection,
            settingsSection,
        ].joined()
        let page = """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>\(HTMLText.escaped(name)): plumb report</title>
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
            script-src 'unsafe-inline'; img-src data:">
            <link rel="icon" href="data:,">
            <style>\(Self.style)</style></head><body><main>
            <h1>\(HTMLText.escaped(name))</h1>
            \(body)</main><script>\(Self.script)</script></body></html>

            """
        return Array(page.utf8)
    }

    // MARK: Sections

    private var armsSection: String {
        let metrics = Metric.allCases.filter { summary.scope.lists > 0 || ($0 != .ndcg && $0 != .hitRate) }
        let rows = summary.arms.map { arm in
            [HTMLText.escaped(arm.name)] + metrics.map { Self.cell(arm[$0]) }
        }
        let titles = metrics.map {
            $0 == .ndcg || $0 == .hitRate ? "\($0.title)@\(summary.scope.top)" : $0.title
        }
        return "<h2>Arms</h2>\n" + HTMLText.table("Every arm's metrics, means over seeds.", ["arm"] + titles, rows)
    }

    private var differencesSection: String {
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
                gains)
            + HTMLText.table(
                "Differences with 95 % intervals over users; p by Wilcoxon's signed-rank test on users' AUC, corrected by Holm's rule.",
                ["difference", "metric", "mean", "95 % interval", "p (Holm)", "verdict"], rows, textColumns: 2)
    }

    private var driftSection: String {
        let drift = (0..<users.count).compactMap { user in
            users.localCTR(user).map { $0 - summary.scope.globalCTR }
        }
        return "<h2>Drift</h2>\n"
            + Chart.histogram(
                title: "CTR drift of users",
                description: "Local CTR of the train part less the global CTR, \(drift.count) users.", drift)
    }

    private var slicesSection: String {
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
            html += Chart.intervals(
                title: "GAUC, \(pair.0) − \(pair.1)",
                description:
                    "By drift, number of train samples, classes of the train part and items; in brackets the users who count.",
                rows)
        }
        return html
    }

    private var usersSection: String {
        guard let a = users.arms.first(where: { $0.name == "corrected" }),
            let b = users.arms.first(where: { $0.name == "cloud" })
        else { return "" }
        let gains = (0..<users.count).filter { users.hasBothClasses($0) }.map { a.auc[$0] - b.auc[$0] }
        return "<h2>Users</h2>\n"
            + Chart.histogram(
                title: "Gain of each user",
                description: "AUC of the user's own rows, corrected − cloud, mean over seeds, \(gains.count) users.",
                gains)
    }

    private var calibrationSection: String {
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
                lines)
    }

    private var settingsSection: String {
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

    // MARK: Looks

    private static let style = """
        :root{color-scheme:light dark;--ink:#1c2024;--soft:#60656c;--line:#d9dbdf;--paper:#fff;--mark:#0b68cb;--mild:#8aa4bf;\
        --good:#1a7f37;--bad:#b3261e;--s0:#60656c;--s1:#b35900;--s2:#0b68cb;--s3:#1a7f37}
        @media (prefers-color-scheme:dark){:root{--ink:#e6e8eb;--soft:#9ba1a6;--line:#3a3f45;--paper:#16181b;--mark:#6cb2ff;\
        --mild:#5d7690;--good:#5fd07f;--bad:#ff8a80;--s0:#9ba1a6;--s1:#ffb066;--s2:#6cb2ff;--s3:#5fd07f}}
        body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
        main{max-width:62rem;margin:0 auto;padding:1rem}h1{font-size:1.6rem;overflow-wrap:anywhere}h2{font-size:1.2rem;margin-top:2rem}
        .wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
        caption{caption-side:bottom;text-align:left;color:var(--soft);font-size:.85rem;padding-top:.4rem}
        th,td{padding:.25rem .6rem;text-align:right;border-bottom:1px solid var(--line);font-weight:normal;white-space:nowrap}
        .text{text-align:left}th button{all:unset;cursor:pointer;font-weight:600}th button:focus-visible{outline:2px solid var(--mark)}
        th[aria-sort=ascending] button::after{content:" \\2191"}th[aria-sort=descending] button::after{content:" \\2193"}
        small{color:var(--soft)}code{font-size:.85em;overflow-wrap:anywhere;white-space:normal}
        .better{color:var(--good);font-weight:600}.worse{color:var(--bad);font-weight:600}
        .noise,.same,.unknown{color:var(--soft)}
        figure{margin:1rem 0}svg{width:100%;height:auto;display:block}figcaption{color:var(--soft);font-size:.85rem;max-width:720px}
        svg text{fill:var(--ink);font:12px system-ui,sans-serif}svg line{stroke-width:1}
        .grid{stroke:var(--line)}.zero{stroke:var(--soft);stroke-dasharray:4 3}
        line.mark{stroke:var(--mild);stroke-width:2}circle.mark{fill:var(--mild)}
        line.mark.sure{stroke:var(--mark);stroke-width:3}circle.mark.sure{fill:var(--mark)}.bar{fill:var(--mark)}
        .series{fill:none;stroke-width:2}line.series{stroke-width:3}
        .s0{stroke:var(--s0)}.s1{stroke:var(--s1)}.s2{stroke:var(--s2)}.s3{stroke:var(--s3)}
        @media (max-width:600px){svg text{font-size:15px}}
        details summary{cursor:pointer;margin-top:1rem}
        @media print{:root{--paper:#fff;--ink:#000}figure,tr{break-inside:avoid}details{display:block}.wide{overflow:visible}}

        """

    /// Sorts a table by the column whose title is pressed, once up, once down.
    private static let script = """
        for(const b of document.querySelectorAll("th button"))b.addEventListener("click",()=>{
        const th=b.parentElement,table=th.closest("table"),body=table.tBodies[0],i=th.cellIndex;
        const up=th.getAttribute("aria-sort")!=="ascending";
        for(const t of table.tHead.rows[0].cells)t.removeAttribute("aria-sort");
        th.setAttribute("aria-sort",up?"ascending":"descending");
        const key=r=>{const t=r.cells[i].textContent,n=parseFloat(t.replace("−","-"));return th.classList.contains("text")||isNaN(n)?t:n};
        const of=(a,b)=>typeof a==="number"&&typeof b==="number"?a-b:String(a).localeCompare(String(b));
        body.append(...[...body.rows].sort((x,y)=>(up?1:-1)*of(key(x),key(y))));});

        """
}
