import Foundation
import Testing

@Suite("plumb synth")
struct SynthTests {
    private static let small = ["synth", "--rows", "20000", "--users", "100", "--items", "300", "--categories", "5"]

    /// The pipeline file that the project ships for such logs.
    private static let pipeline = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../pipelines/synth.yaml").standardized.path

    private struct Account: Decodable {
        var rows: Int
        var clicks: Int
        var bytes_written: Int
        var peak_bytes: Int
    }

    private func account(_ folder: TemporaryFolder) throws -> Account {
        try JSONDecoder().decode(Account.self, from: folder.read("summary.json"))
    }

    @Test("makes a log that pipelines/synth.yaml takes in whole, and the truth of its users")
    func ingested() throws {
        let folder = try TemporaryFolder()
        let made = try Plumb.run(
            Self.small + ["-o", "log.csv", "--truth", "truth.csv", "--summary", "summary.json"], in: folder.url)
        try #require(made.status == 0, "\(made.errors)")
        #expect(made.output.isEmpty)
        #expect(try folder.names() == ["log.csv", "summary.json", "truth.csv"])
        let account = try account(folder)
        #expect(account.rows == 20_000)
        #expect(try account.bytes_written == folder.read("log.csv").count)
        let truth = String(decoding: try folder.read("truth.csv"), as: UTF8.self).split(separator: "\n")
        #expect(truth.count == 101)

        let ingest = try Plumb.run(["ingest", "log.csv", "-p", Self.pipeline, "--to", "jsonl", "-q"], in: folder.url)
        try #require(ingest.status == 0, "\(ingest.errors)")
        struct Sample: Decodable {
            var user: Int
            var label: Double
        }
        let samples = try ingest.text.split(separator: "\n").map {
            try JSONDecoder().decode(Sample.self, from: Data($0.utf8))
        }
        #expect(samples.count == 20_000)
        #expect(samples.count { $0.label == 1 } == account.clicks)
        // The most active user of the truth is that of the log.
        let counts = Dictionary(grouping: samples, by: \.user).mapValues(\.count)
        let most = try #require(counts.max { $0.value < $1.value })
        #expect(truth[1].hasPrefix("\(most.key),"))
    }

    @Test("makes a log that pipelines/synth.yaml runs through all stages")
    func runs() throws {
        let folder = try TemporaryFolder()
        let size = ["--rows", "3000", "--users", "40", "--items", "100", "--categories", "5"]
        let made = try Plumb.run(["synth"] + size + ["-o", "log.csv", "-q"], in: folder.url)
        try #require(made.status == 0, "\(made.errors)")
        let shipped = try String(contentsOf: URL(filePath: Self.pipeline), encoding: .utf8)
        let pipeline = shipped.replacing("../build/synth/log.csv.gz", with: "log.csv")
        try #require(pipeline != shipped)
        try folder.write(pipeline, to: "synth.yaml")
        let result = try Plumb.run(["run", "synth.yaml", "-o", "out", "-q"], in: folder.url)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.text.contains("corrected_prior"))
        #expect(try folder.names().contains("out/summary.json"))
    }

    @Test("gives standard output and a file the same bytes")
    func sameBytes() throws {
        let folder = try TemporaryFolder()
        let printed = try Plumb.run(Self.small + ["--with-probability", "-q"], in: folder.url)
        let written = try Plumb.run(Self.small + ["--with-probability", "-o", "log.csv", "-q"], in: folder.url)
        #expect(printed.status == 0 && written.status == 0)
        #expect(printed.errors.isEmpty)
        #expect(printed.text.hasPrefix("user,item,category,time,click,probability\n"))
        #expect(try folder.read("log.csv") == printed.output)
    }

    @Test(
        "refuses settings that make no sense with 64 and leaves nothing behind",
        arguments: [
            (["--users", "0"], "--users: error: must be from 1 to 1000000000, is 0"),
            (["--global-ctr", "1"], "--global-ctr: error: must be from 0.001 to 0.999, is 1.0"),
            (["--seed", "-1"], "--seed"), (["--rows", "many"], "--rows"), (["--truth", "out"], "two places"),
        ])
    func faults(arguments: [String], says: String) throws {
        let folder = try TemporaryFolder()
        let result = try Plumb.run(["synth", "-o", "out"] + arguments, in: folder.url)
        #expect(result.status == 64)
        #expect(result.errors.contains(says), "\(result.errors)")
        #expect(try folder.names().isEmpty)
    }

    @Test("a reader that goes away ends it quietly with 0")
    func closedPipe() throws {
        let folder = try TemporaryFolder()
        let running = try Plumb.start(["synth", "-q"], in: folder.url, input: FileHandle.nullDevice)
        _ = try running.output.fileHandleForReading.read(upToCount: 10)
        try running.output.fileHandleForReading.close()
        running.process.waitUntilExit()
        #expect(running.process.terminationStatus == 0)
        #expect(running.errors.fileHandleForReading.bytesToEnd().isEmpty)
    }

    @Test("an interrupt ends it with 130 and leaves nothing half-written")
    func interrupt() throws {
        let folder = try TemporaryFolder()
        let running = try Plumb.start(
            ["synth", "--rows", "10000000000", "-o", "log.csv", "--truth", "truth.csv"], in: folder.url)
        // The truth is whole, and the log has begun.
        #expect(try running.shows { try folder.exists(".log.csv.partial") && !folder.read(".log.csv.partial").isEmpty })
        kill(running.process.processIdentifier, SIGINT)
        #expect(running.finish().status == 130)
        #expect(try folder.names().isEmpty)
    }

    @Test("holds less than 64 MiB for a billion users and items")
    func constantMemory() throws {
        let folder = try TemporaryFolder()
        let result = try Plumb.run(
            [
                "synth", "--rows", "1000", "--users", "1000000000", "--items", "1000000000", "--summary",
                "summary.json",
                "-q",
            ], in: folder.url)
        try #require(result.status == 0, "\(result.errors)")
        #expect(try account(folder).peak_bytes < 64 << 20)
    }
}
