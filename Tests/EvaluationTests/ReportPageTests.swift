import Foundation
import Samples
import Testing

@testable import Evaluation

#if canImport(FoundationXML)
import FoundationXML
#endif

@Suite("The report page")
struct ReportPageTests {
    private static func page(
        name: String = "demo", arms: [String] = ["cloud", "finetuned", "corrected"],
        times: [ReportPage.StepTime] = []
    ) async throws -> String {
        var rows = ScoredRows.random(seed: 4, users: 60, mostRows: 20)
        rows.logits = rows.logits.map { $0 / 2 }
        var batch = rows.batch(schema: ScoredRows.schema(users: 60, arms: arms))
        batch.trainSamples = rows.users.map { UInt32($0 % 13) }
        batch.trainPositives = rows.users.map { UInt32($0 % 13 / 2) }
        for arm in batch.logits.indices.dropFirst() {
            batch.logits[arm] = zip(batch.logits[arm], rows.labels).map { $0 + Double($1) * 0.3 * Double(arm) }
        }
        let run = try await PredictionSource([batch]).evaluate(
            EvaluationSettings(bootstrap: UserBootstrap(resamples: 50)))
        let summary = try await RunSummary(over: [run])
        let page = try await ReportPage(
            name: name, runs: [run], summary: summary, settings: [.init(path: "finetune.\(name)", text: name)],
            times: times)
        return String(decoding: page.html(), as: UTF8.self)
    }

    /// The page's charts.
    private static func charts(_ page: String) -> [String] {
        page.ranges(of: #/<svg[^>]*>.*?<\/svg>/#.dotMatchesNewlines()).map { String(page[$0]) }
    }

    @Test("asks for nothing from outside, and is the same for the same run")
    func selfContained() async throws {
        let page = try await Self.page()
        #expect(!page.contains("http:") && !page.contains("https:") && !page.contains("//") && !page.contains("url("))
        #expect(page.contains("default-src 'none'") && page.contains("name=\"viewport\""))
        #expect(page.contains("prefers-color-scheme:dark") && page.contains("@media print"))
        #expect(try await Self.page() == page)
    }

    @Test("has charts that are well formed, each with a title and a description, and no number that is none")
    func charts() async throws {
        let charts = Self.charts(try await Self.page())
        #expect(charts.count == 8)
        for chart in charts {
            let parser = XMLParser(data: Data(chart.utf8))
            #expect(parser.parse(), "\(String(describing: parser.parserError))")
            #expect(chart.contains("<title>") && chart.contains("<desc>") && chart.contains("role=\"img\""))
            #expect(!chart.contains("nan") && !chart.contains("inf") && !chart.contains("n/a"))
        }
    }

    @Test("lets no name be markup", arguments: ["<script>alert(1)</script>", "\" onload=\"x", "a&b\u{1b}[31m'"])
    func hostileNames(_ name: String) async throws {
        let page = try await Self.page(name: name, arms: ["cloud", "corrected", "corrected_\(name)"])
        #expect(!page.contains(name) && page.contains(HTMLText.escaped(name)))
        #expect(page.ranges(of: "<script>").count == 1)
        for chart in Self.charts(page) { #expect(XMLParser(data: Data(chart.utf8)).parse()) }
    }

    @Test(
        "has round ticks within a range of any size",
        arguments: [(0, 1), (-0.0049, 0.0061), (-3e-9, 4e-9), (0, 36), (-1e6, 2e6)])
    func ticks(_ least: Double, _ greatest: Double) {
        let ticks = Chart.ticks(least, greatest)
        #expect((4...12).contains(ticks.count), "\(ticks)")
        #expect(ticks.allSatisfy { $0 >= least - 1e-12 && $0 <= greatest * (1 + 1e-12) })
        #expect(ticks.contains { abs($0) < 1e-15 })
    }

    @Test(
        "has whole ticks on a logarithmic axis of any width",
        arguments: [
            (7, 13, [7, 8, 9, 10, 11, 12, 13]), (0.9, 1.2, [1]), (0.8, 2.3, [1, 2]), (17, 320, [20, 50, 100, 200]),
            (0.8, 2e6, [1, 10, 100, 1000, 1e4, 1e5, 1e6]), (4.1, 4.3, []),
        ] as [(Double, Double, [Double])])
    func logarithmicTicks(_ least: Double, _ greatest: Double, _ ticks: [Double]) {
        #expect(Chart.logarithmicTicks(least, greatest) == ticks)
    }

    @Test("has a curve of gains for each tuned arm against the cloud's, a point a group of users")
    func gainCurves() async throws {
        let page = try await Self.page()
        let chart = try #require(Self.charts(page).first { $0.contains("<polyline") && $0.contains("logarithmic") })
        #expect(chart.contains(">corrected − cloud</text>") && chart.contains(">finetuned − cloud</text>"))
        // 12 numbers of train samples above 0, tied users together, in at most ten groups.
        #expect((7...10).contains(chart.ranges(of: "<title>corrected − cloud, ").count))
        let one = try await Self.page(arms: ["cloud", "corrected"])
        #expect(one.contains("<title>corrected − cloud, ") && !one.contains("finetuned"))
        #expect(try await !Self.page(arms: ["cloud", "corrected_additive"]).contains("logarithmic"))
    }

    @Test("says how long its stages took, seeds added up, where it knows")
    func times() async throws {
        #expect(try await !Self.page().contains("Time per stage"))
        let page = try await Self.page(times: [
            .init(stage: "ctr", seed: nil, seconds: 0), .init(stage: "train", seed: 7, seconds: 12.5),
            .init(stage: "train", seed: 8, seconds: 7.75), .init(stage: "<evaluate>", seed: nil, seconds: 1e8),
        ])
        #expect(page.contains("<th scope=\"row\" class=\"text\">train</th><td>7</td><td>12.50</td>"))
        let chart = try #require(Self.charts(page).first { $0.contains("Seconds by stage") })
        #expect(XMLParser(data: Data(chart.utf8)).parse())
        #expect(chart.contains(">train, 2 seeds</text>") && chart.contains(">20.25 s</text>"))
        #expect(chart.contains(">ctr</text>") && chart.contains(">0.00 s</text>"))
        #expect(!page.contains("<evaluate>"))
        // Of nothing but steps that took no time there is no share.
        let none = try await Self.page(times: [.init(stage: "ctr", seed: nil, seconds: 0)])
        #expect(!none.contains("nan"))
    }

    @Test("puts what does not change in a bin of its own, in the middle of which is 0", arguments: [40, 41, 7])
    func zeroBin(_ bins: Int) throws {
        let values = [0.0, 0, 0, 0, -0.3, 0.9, 0.35, -0.02]
        let chart = Chart.histogram(title: "t", description: "d", values, bins: bins).content
        let zero = try #require(
            chart.firstMatch(of: #/class="zero" x1="(?<x>[0-9.]+)"/#).flatMap { Double($0.output.x) })
        let bars = chart.matches(of: #/class="bar" x="(?<x>[0-9.]+)" y="(?<y>[0-9.]+)" width="(?<w>[0-9.]+)"/#)
        let highest = try #require(bars.min { Double($0.output.y) ?? 0 < Double($1.output.y) ?? 0 })
        let (x, width) = try (#require(Double(highest.output.x)), #require(Double(highest.output.w)))
        #expect(abs(x + width / 2 - zero) < 0.3)
        #expect(bars.allSatisfy { (Double($0.output.x) ?? -1) >= 49 && (Double($0.output.x) ?? 999) <= 700 })
    }

    @Test("draws a run in which nothing is defined")
    func degenerate() async throws {
        let rows = ScoredRows(users: [1, 2], labels: [1, 1], logits: [0, 0])
        let batch = rows.batch(schema: ScoredRows.schema(users: 2, arms: ["cloud", "corrected"]))
        let run = try await PredictionSource([batch]).evaluate()
        let page = try await ReportPage(
            name: "x", runs: [run], summary: try await RunSummary(over: [run]), settings: []
        ).html()
        for chart in Self.charts(String(decoding: page, as: UTF8.self)) {
            #expect(XMLParser(data: Data(chart.utf8)).parse())
            #expect(!chart.contains("nan"))
        }
    }
}
