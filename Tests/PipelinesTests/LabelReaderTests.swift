import LogIngest
import Samples
import Testing

@testable import Pipelines

@Suite("A pipeline file's labels")
struct LabelReaderTests {
    /// A pipeline that says its label with `lines`, the first of which is the file's line 5.
    private func text(_ lines: String, timeFormat: String = "iso8601", zone: String = "+08:00") -> String {
        """
        ingest:
          sources: {log: {path: log.csv}, clicks: {path: clicks.csv}}
          log: log
          user: user
        \(lines)
          time: time
          time_format: \(timeFormat)
          time_zone: \(zone)
        """
    }

    private func faults(_ text: String) -> [String] {
        do throws(PipelineError) {
            _ = try Pipeline(text: text, file: "p.yaml")
            return []
        } catch {
            return error.faults.map(\.description)
        }
    }

    @Test(
        "may be in a list of impressions",
        arguments: [
            ("{column: shown}", IngestSettings.ImpressionList(column: "shown")),
            (
                #"{column: shown, separator: "|", mark: ":", item: news}"#,
                .init(column: "shown", separator: "|", mark: ":", item: "news")
            ),
        ])
    func impressions(text lines: String, list: IngestSettings.ImpressionList) throws {
        let pipeline = try Pipeline(text: text("  impressions: \(lines)"), file: "p.yaml")
        #expect(pipeline.ingest?.roles.label == .pairs(list))
        #expect(pipeline.ingest?.roles.item == nil && pipeline.ingest?.schema.item == 0)
        let again = try Pipeline(text: pipeline.settings.yaml(), file: "p.yaml")
        #expect(again.ingest == pipeline.ingest)
    }

    @Test("may be in a log of clicks, whose times are written as the log's unless it says otherwise")
    func clicks() throws {
        func window(_ format: IngestSettings.TimeFormat, zone: String?) -> IngestSettings.ClickLog.Window {
            .init(time: .init(column: "ts", format: format, zone: zone), length: .seconds(1800))
        }
        let cases: [(String, IngestSettings.ClickLog.Window?)] = [
            ("", nil),
            (", time: ts, window: 30m", window(.iso8601, zone: "+08:00")),
            (", time: ts, window: 1800s, time_format: unix-milliseconds", window(.unixMilliseconds, zone: nil)),
            (", time: ts, window: 30m, time_format: \"%F %T\"", window(.pattern("%F %T"), zone: "+08:00")),
            (", time: ts, window: 30m, time_zone: UTC", window(.iso8601, zone: "UTC")),
        ]
        for (more, window) in cases {
            let lines = "  clicks: {source: clicks, key: [u, i], on: [user, item]\(more)}"
            let pipeline = try Pipeline(text: text(lines), file: "p.yaml")
            let expected = IngestSettings.ClickLog(
                source: "clicks", key: ["u", "i"], on: ["user", "item"], window: window)
            #expect(pipeline.ingest?.roles.label == .clicks(expected))
            let again = try Pipeline(text: pipeline.settings.yaml(), file: "p.yaml")
            #expect(again.ingest == pipeline.ingest)
        }
    }

    @Test("have windows in seconds, minutes, hours and days", arguments: [("0s", 0), ("12h", 43_200), ("7d", 604_800)])
    func windows(text window: String, seconds: Int) throws {
        let lines = "  clicks: {source: clicks, key: id, on: id, time: ts, window: \(window)}"
        let pipeline = try Pipeline(text: text(lines), file: "p.yaml")
        guard case .clicks(let clicks) = pipeline.ingest?.roles.label else {
            Issue.record("no clicks")
            return
        }
        #expect(clicks.window?.length == .seconds(seconds) && clicks.key == ["id"])
    }

    @Test(
        "are refused at the fault's place",
        arguments: [
            ("", "p.yaml:2:3: error: `ingest` says nowhere what the label is"),
            (
                "  label: clicked\n  impressions: {column: shown}",
                "p.yaml:6:16: error: `ingest.label` and `ingest.impressions` both say what the label is; keep one"
            ),
            (
                "  impressions: {column: shown}\n  clicks: {source: clicks, key: id, on: id}",
                "p.yaml:6:11: error: `ingest.impressions` and `ingest.clicks` both say"
            ),
            ("  impressions: {mark: \"-\"}", "p.yaml:5:16: error: `ingest.impressions.column` is missing"),
            (
                "  impressions: {column: shown, marks: x}",
                "p.yaml:5:32: error: unknown key `marks` in `ingest.impressions`; did you mean `mark`?"
            ),
            ("  clicks: {key: id, on: id}", "p.yaml:5:11: error: `ingest.clicks.source` is missing"),
            ("  clicks: {source: clicks, on: id}", "p.yaml:5:11: error: `ingest.clicks.key` names no column"),
            (
                "  clicks: {source: clicks, key: [a, b], on: id}",
                "p.yaml:5:45: error: `ingest.clicks.on` must name as many columns as `key`, 2"
            ),
            (
                "  clicks: {source: clicks, key: id, on: id, time: ts}",
                "p.yaml:5:11: error: `ingest.clicks.window` must say how long a click counts"
            ),
            (
                "  clicks: {source: clicks, key: id, on: id, window: 30m}",
                "p.yaml:5:11: error: `ingest.clicks.time` is missing"
            ),
            (
                "  clicks: {source: clicks, key: id, on: id, time: ts, window: 30}",
                "p.yaml:5:63: error: `ingest.clicks.window` must be a time span such as 30s, 30m, 12h or 7d, is `30`"
            ),
            (
                "  clicks: {source: clicks, key: id, on: id, time: ts, window: 9999999999999999999d}",
                "p.yaml:5:63: error: `ingest.clicks.window` must be"
            ),
            (
                "  clicks: {source: clicks, key: id, on: id, time_format: iso8601}",
                "p.yaml:5:58: error: `ingest.clicks.time_format` goes with `time` and `window`"
            ),
            (
                "  clicks: {source: clicks, key: id, on: id, time: ts, window: 1s, time_format: soon}",
                "p.yaml:5:80: error: `ingest.clicks.time_format` must be one of"
            ),
        ])
    func refusals(lines: String, expected: String) {
        let faults = faults(text(lines))
        #expect(faults.count == 1 && faults[0].hasPrefix(expected), "\(faults)")
    }
}
