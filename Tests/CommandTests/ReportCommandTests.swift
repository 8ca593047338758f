import Foundation
import Testing

/// `plumb report` as a person runs it.
@Suite("A run's page")
struct ReportCommandTests {
    @Test("stands in the run's folder, or where it is told to")
    func page() throws {
        let folder = try SmallLog.folder()
        let made = try Plumb.run(["run", "p.yaml", "-o", "run", "-q"], in: folder.url)
        try #require(made.status == 0, "\(made.errors)")
        let result = try Plumb.run(["report", "run"], in: folder.url)
        try #require(result.status == 0, "\(result.errors)")
        let page = try folder.read("run/report.html")
        #expect(String(decoding: page, as: UTF8.self).contains("corrected − finetuned"))
        #expect(String(decoding: page, as: UTF8.self).contains(">train, 2 seeds</text>"))
        #expect(
            try Plumb.run(["report", "run", "-o", "-"], in: folder.url).text == String(decoding: page, as: UTF8.self))
        // The page is no result that a later run minds.
        let again = try Plumb.run(["run", "p.yaml", "-o", "run"], in: folder.url)
        #expect(again.status == 0)
        #expect(try folder.read("run/report.html") == page)
        // Of what was skipped it still says how long it took.
        #expect(
            try Plumb.run(["report", "run", "-o", "-"], in: folder.url).text == String(decoding: page, as: UTF8.self))
        // It goes where the results that it shows go.
        let other = try Plumb.run(["run", "p.yaml", "-o", "run", "--seeds", "1"], in: folder.url)
        #expect(other.status == 0 && !folder.exists("run/report.html"), "\(other.errors)")
    }

    @Test("refuses an unfinished run, and predictions that are empty, cut or another run's")
    func refusals() throws {
        let folder = try SmallLog.folder()
        #expect(try Plumb.run(["report", "nowhere"], in: folder.url).status == 2)
        let made = try Plumb.run(["run", "p.yaml", "-o", "run", "-q"], in: folder.url)
        try #require(made.status == 0, "\(made.errors)")
        let place = "run/seed-1/predictions.arrows"
        let whole = try folder.read(place)
        for (bytes, says) in [
            (Data(), "predictions.arrows"), (whole.prefix(whole.count / 2), "predictions.arrows"),
            (try folder.read("run/seed-2/predictions.arrows"), "are not those of run/summary.json"),
        ] {
            try bytes.write(to: folder.url.appending(path: place))
            let result = try Plumb.run(["report", "run"], in: folder.url)
            #expect(result.status == 2 && result.errors.contains(says), "\(result.errors)")
            #expect(!folder.exists("run/report.html"))
        }
    }
}
