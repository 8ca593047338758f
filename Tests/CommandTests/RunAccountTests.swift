import Foundation
import Testing

@Suite("The account of a whole run")
struct RunAccountTests {
    @Test("tells what became of the log as an ingest does: damage, rows and keys that have no partner")
    func ingest() throws {
        let folder = try SmallLog.folder()
        let pipeline = SmallLog.pipeline.replacing("path: ratings.csv", with: "path: [ratings.csv, cut.gz]")
            .replacing("  item: movie\n", with: "  item: movie\n  salvage: true\n")
        try folder.write(pipeline, to: "p.yaml")
        try folder.write(SmallLog.cutGzip("user,movie,rating,time\n5,5,5,5\n5,99,5,6\n5,"), to: "cut.gz")
        let rows = SmallLog.ratings.split(separator: "\r\n").count + 1
        let ingest = try Plumb.run(["ingest", "-p", "p.yaml", "-o", "samples"], in: folder.url)
        let run = try Plumb.run(
            ["run", "p.yaml", "--seeds", "1", "-o", "out", "--summary", "run.json"], in: folder.url)
        #expect(ingest.status == 0 && run.status == 0, "\(run.errors)")
        let lines = run.errors.split(separator: "\n").map(String.init)
        // One line for each stage stands before.
        try #require(lines.count == 7, "\(run.errors)")
        #expect(lines[5].hasPrefix("plumb run: kept what came before: cut.gz"))
        #expect(lines[6].hasPrefix("plumb run: \(rows) read, \(rows) kept, 0 rejected, "))
        #expect(lines[6].contains(" without genres, 1 damaged files, "))
        // The same words and numbers, up to the seconds.
        let told = ingest.errors.replacing("plumb ingest:", with: "plumb run:").split(separator: " bytes read")[0]
        #expect(run.errors.contains("\n" + told), "\(ingest.errors)")
        let summary = String(decoding: try folder.read("run.json"), as: UTF8.self)
        #expect(summary.contains("\"read\":\(rows)") && summary.contains("\"damaged_files\":1"), "\(summary)")
    }
}
