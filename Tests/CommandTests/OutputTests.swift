import Foundation
import Testing

@Suite("Places that a command writes to")
struct OutputTests {
    @Test(
        "must be apart, or nothing runs",
        arguments: [
            (["ingest", "-p", "p.yaml", "-o", "same", "--vocabulary", "same"], "-o and --vocabulary need two places"),
            (
                ["ingest", "-p", "p.yaml", "-o", "same", "--vocabulary", "./same"],
                "-o and --vocabulary need two places"
            ),
            (["ingest", "-p", "p.yaml", "-o", "same", "--rejects", "same"], "-o and --rejects need two places"),
            (["ingest", "-p", "p.yaml", "-o", "same", "--summary", "same"], "-o and --summary need two places"),
            (
                ["ingest", "-p", "p.yaml", "--rejects", "a", "--summary", "a"],
                "--rejects and --summary need two places"
            ),
            (
                ["ingest", "-p", "p.yaml", "--rejects", "-"],
                "-o and --rejects need two places, not both standard output"
            ),
            (["ingest", "-p", "p.yaml", "--vocabulary", "-"], "not both standard output"),
            (["partition", "ratings.csv", "-o", "same", "--summary", "same"], "-o and --summary need two places"),
            (["ctr", "store", "-o", "same", "--summary", "same"], "-o and --summary need two places"),
            (["train", "store", "-o", "same", "--summary", "same"], "-o and --summary need two places"),
            (["correct", "store", "-o", "same", "--summary", "same"], "-o and --summary need two places"),
            (["finetune", "store", "-o", "same", "--summary", "same"], "-o and --summary need two places"),
            (["evaluate", "ratings.csv", "-o", "same", "--summary", "same"], "-o and --summary need two places"),
            (["run", "p.yaml", "-o", "same", "--summary", "same"], "-o and --summary need two places"),
            (["synth", "-o", "same", "--truth", "same"], "-o and --truth need two places"),
            (["synth", "--truth", "-"], "-o and --truth need two places"),
        ])
    func apart(arguments: [String], says: String) throws {
        let folder = try SmallLog.folder()
        let before = try folder.names()
        let result = try Plumb.run(arguments, in: folder.url)
        #expect(result.status == 64)
        #expect(result.errors.contains(says), "\(result.errors)")
        #expect(result.output.isEmpty)
        #expect(try folder.names() == before)
    }

    @Test("may be thrown away together")
    func nowhere() throws {
        let folder = try SmallLog.folder()
        let result = try Plumb.run(
            ["ingest", "-p", "p.yaml", "-o", "/dev/null", "--vocabulary", "/dev/null", "--rejects", "-", "-q"],
            in: folder.url)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.isEmpty)
    }

    @Test(
        "are tried before the log is read", arguments: [["--counts", "-o", "no/such"], ["--vocabulary", "no/such"]])
    func early(options: [String]) throws {
        let folder = try SmallLog.folder()
        // Were it read, the log would be the fault.
        try folder.write("user,movie,rating,time\n1,2,bad,4\n", to: "ratings.csv")
        let result = try Plumb.run(["ingest", "-p", "p.yaml"] + options, in: folder.url)
        #expect(result.status == 2)
        #expect(result.errors.hasPrefix("plumb: no/such: error: cannot create"), "\(result.errors)")
    }

    @Test("get counts as CSV and in no other format")
    func countsFormat() throws {
        let folder = try SmallLog.folder()
        for format in ["jsonl", "arrow"] {
            let result = try Plumb.run(["ingest", "-p", "p.yaml", "--counts", "--to", format], in: folder.url)
            #expect(result.status == 64)
            #expect(result.errors.contains("--counts writes CSV, not \(format)"), "\(result.errors)")
            #expect(result.output.isEmpty)
        }
        let result = try Plumb.run(["ingest", "-p", "p.yaml", "--counts", "--to", "csv", "-q"], in: folder.url)
        #expect(result.status == 0 && result.text.hasPrefix("user,samples,positives\n"), "\(result.errors)")
    }
}
