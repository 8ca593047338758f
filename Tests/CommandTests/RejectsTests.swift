import Foundation
import Testing

@Suite("Rows that make no sample")
struct RejectsTests {
    /// Seven rows, of which the second, fourth and last are bad.
    static let log = "user,movie,rating,time\n1,2,3,4\n1,2,good,4\n1,2,5,4\n1,2\n3,\"4\n\",5,6\n4,5,1,6\nx,6,5,7\n"

    static let rejects = """
        {"file":"bad.csv","entry":null,"line":3,"byte_offset":35,"column":"rating",\
        "reason":"`rating` must be a number, is `good`","text":"1,2,good,4"}
        {"file":"bad.csv","entry":null,"line":5,"byte_offset":50,"column":null,\
        "reason":"the row has 2 fields, not 4 as expected","text":"1,2"}
        {"file":"bad.csv","entry":null,"line":9,"byte_offset":73,"column":"user",\
        "reason":"`user` must be an integer, is `x`; set the user's kind to text if keys are text",\
        "text":"x,6,5,7"}

        """

    /// A run with options, and what it must leave.
    struct Case: CustomTestStringConvertible, Sendable {
        var options: [String]
        var status: Int32
        /// What standard error begins with.
        var says: String
        var testDescription: String { options.joined(separator: " ") }
    }

    static let tooMany = "plumb: error: 3 of 7 rows were rejected, more than the"
    static let account = "plumb ingest: 7 read, 4 kept, 3 rejected"
    static let advice = "; --rejects keeps bad rows in a file, --max-rejects says how many may be\n"

    static let cases: [Case] = [
        Case(
            options: [], status: 1, says: "plumb: bad.csv:3:3: error: `rating` must be a number, is `good`" + advice),
        Case(
            options: ["--max-rejects", "0"], status: 1,
            says: "plumb: bad.csv:3:3: error: `rating` must be a number, is `good`" + advice),
        Case(
            options: ["--max-rejects", "1"], status: 1,
            says: "plumb: bad.csv:5: error: the row has 2 fields, not 4 as expected, and 1 row was rejected before"
                + advice),
        Case(options: ["--max-rejects", "3"], status: 0, says: account),
        Case(options: ["--max-rejects", "42%"], status: 1, says: tooMany + " 42.0% allowed\n"),
        Case(options: ["--max-rejects", "43%"], status: 0, says: account),
        Case(options: ["--rejects", "r.jsonl"], status: 1, says: tooMany + " 0 allowed\n"),
        Case(options: ["--rejects", "r.jsonl", "--max-rejects", "2"], status: 1, says: tooMany + " 2 allowed\n"),
        Case(options: ["--rejects", "r.jsonl", "--max-rejects", "3"], status: 0, says: account),
        Case(options: ["--rejects", "r.jsonl", "--max-rejects", "100%"], status: 0, says: account),
    ]

    @Test("decide the status by their number, and stand in their file whatever it is", arguments: cases, ["1", "3"])
    func status(_ test: Case, threads: String) throws {
        let folder = try SmallLog.folder()
        try folder.write(Self.log, to: "bad.csv")
        try folder.write("kept", to: "out")
        let arguments = ["ingest", "bad.csv", "-p", "p.yaml", "-o", "out", "--vocabulary", "v", "--threads", threads]
        let result = try Plumb.run(arguments + test.options, in: folder.url)
        #expect(result.status == test.status)
        #expect(result.errors.hasPrefix(test.says), "\(result.errors)")
        #expect(result.errors.split(separator: "\n").count == 1)
        // With status 1 nothing is published but the rejects.
        #expect(try (folder.read("out") == Data("kept".utf8)) == (test.status != 0))
        let hasRejects = test.options.contains("--rejects")
        let expected = ["out"] + (hasRejects ? ["r.jsonl"] : []) + (test.status == 0 ? ["v"] : [])
        let inputs = ["bad.csv", "movies.csv", "p.yaml", "ratings.csv"]
        #expect(try folder.names() == (expected + inputs).sorted())
        if hasRejects { #expect(try String(decoding: folder.read("r.jsonl"), as: UTF8.self) == Self.rejects) }
    }

    @Test("are none of a good log's, whose rejects file is empty")
    func none() throws {
        let folder = try SmallLog.folder()
        let result = try Plumb.run(
            ["ingest", "-p", "p.yaml", "-o", "out", "--rejects", "r.jsonl", "--max-rejects", "0%"], in: folder.url)
        #expect(result.status == 0)
        #expect(result.errors.contains(" 0 rejected, "), "\(result.errors)")
        #expect(try folder.read("r.jsonl").isEmpty)
    }

    @Test("leave a stream without its end mark, so that the next stage refuses it")
    func stream() throws {
        let folder = try SmallLog.folder()
        try folder.write(SmallLog.ratings + "1,2,bad,4\r\n", to: "bad.csv")
        let pipe = Pipe()
        let ingest = try Plumb.start(
            ["ingest", "bad.csv", "-p", "p.yaml", "-q", "--rejects", "r.jsonl"], in: folder.url,
            input: FileHandle.nullDevice, output: pipe)
        let partition = try Plumb.start(["partition", "-", "-o", "store", "-q"], in: folder.url, input: pipe)
        #expect(ingest.finish().status == 1)
        #expect(partition.finish().status == 2)
        #expect(try !folder.names().contains { $0.hasPrefix("store") })
        #expect(try folder.read("r.jsonl").split(separator: UInt8(ascii: "\n")).count == 1)
    }

    @Test("are named even where a later file is damaged")
    func damagedFile() throws {
        let folder = try SmallLog.folder()
        try folder.write(Self.log, to: "bad.csv")
        try Data([0x1F, 0x8B, 8, 0, 0]).write(to: folder.url.appending(path: "cut.gz"))
        let result = try Plumb.run(
            ["ingest", "bad.csv", "cut.gz", "-p", "p.yaml", "-o", "out", "--rejects", "r.jsonl"], in: folder.url)
        #expect(result.status == 2)
        #expect(result.errors.hasPrefix("plumb: cut.gz"), "\(result.errors)")
        #expect(try String(decoding: folder.read("r.jsonl"), as: UTF8.self) == Self.rejects)
        #expect(try !folder.names().contains("out"))
    }

    @Test("may be as many as the option, the environment or the pipeline file says, in this order")
    func origins() throws {
        let folder = try SmallLog.folder()
        try folder.write(Self.log, to: "bad.csv")
        try folder.write(
            SmallLog.pipeline.replacing("item: movie", with: "item: movie\n  max_rejects: 3"), to: "3.yaml")
        func status(_ options: [String], _ environment: [String: String] = [:]) throws -> Int32 {
            try Plumb.run(
                ["ingest", "bad.csv", "-p", "3.yaml", "-o", "out", "-q"] + options, in: folder.url,
                environment: environment
            ).status
        }
        #expect(try status([]) == 0)
        #expect(try status([], ["PLUMB_INGEST_MAX_REJECTS": "2"]) == 1)
        #expect(try status(["--max-rejects", "50%"], ["PLUMB_INGEST_MAX_REJECTS": "2"]) == 0)
        #expect(try status(["--max-rejects", "many"]) == 64)
        #expect(try status(["--max-rejects", "101%"]) == 64)
    }

    @Test("count users that are kept, with `--counts`")
    func counts() throws {
        let folder = try SmallLog.folder()
        try folder.write(Self.log, to: "bad.csv")
        let arguments = ["ingest", "bad.csv", "-p", "p.yaml", "--counts", "-q"]
        let result = try Plumb.run(arguments + ["--max-rejects", "3"], in: folder.url)
        #expect(result.status == 0)
        #expect(result.text == "user,samples,positives\n1,2,1\n3,1,1\n4,1,0\n")
        let failed = try Plumb.run(arguments, in: folder.url)
        #expect(failed.status == 1)
        #expect(failed.output.isEmpty)
    }

    @Test("keep ids of an earlier vocabulary, and unseen keys are counted")
    func vocabulary() throws {
        let folder = try SmallLog.folder()
        try folder.write("user,movie,rating,time\n1,20,3,4\n1,10,5,5\n", to: "first.csv")
        try folder.write("user,movie,rating,time\n1,10,3,4\n1,99,5,5\n2,20,1,7\n2,98,5,8\n", to: "second.csv")
        try folder.write(
            """
            ingest:
              sources: {ratings: {path: ratings.csv}}
              user: user
              time: time
              label: rating >= 4
              item: movie
            """, to: "items.yaml")
        try #require(
            Plumb.run(
                ["ingest", "first.csv", "-p", "items.yaml", "-o", "a", "--vocabulary", "v"], in: folder.url
            ).status == 0)
        let result = try Plumb.run(
            [
                "ingest", "second.csv", "-p", "items.yaml", "--to", "csv", "--reuse-vocabulary", "v", "--vocabulary",
                "w",
            ],
            in: folder.url)
        #expect(result.status == 0)
        #expect(
            result.text.split(separator: "\n").map { $0.split(separator: ",").last } == ["item", "2", "0", "1", "0"])
        #expect(result.errors.contains(" 2 unseen in item, "), "\(result.errors)")
        let missing = try Plumb.run(
            ["ingest", "second.csv", "-p", "p.yaml", "-o", "b", "--reuse-vocabulary", "v"], in: folder.url)
        #expect(missing.status == 2)
        #expect(
            missing.errors.hasPrefix("plumb: v: error: the vocabulary has no feature `genres`"), "\(missing.errors)")
    }

    @Test("of a whole run that damage ends stand in its folder")
    func damagedRun() throws {
        let folder = try SmallLog.folder()
        let pipeline = SmallLog.pipeline.replacing("ratings.csv", with: "[bad.csv, cut.gz]")
            .replacing("  item: movie\n", with: "  item: movie\n  max_rejects: 5\n")
        try folder.write(pipeline, to: "p.yaml")
        try folder.write(Self.log, to: "bad.csv")
        try folder.write(SmallLog.cutGzip("user,movie,rating,time\n5,5,5,5\n5,"), to: "cut.gz")
        let result = try Plumb.run(["run", "p.yaml", "--seeds", "1", "-o", "out"], in: folder.url)
        #expect(result.status == 2)
        #expect(result.errors.contains("\nplumb: cut.gz"), "\(result.errors)")
        #expect(try String(decoding: folder.read("out/rejects.jsonl"), as: UTF8.self) == Self.rejects)
        #expect(try folder.names().filter { $0.hasPrefix("out/") } == ["out/rejects.jsonl"])
    }

    @Test("a whole run keeps the bad rows that are allowed in its folder, and an earlier run's are gone")
    func run() throws {
        let folder = try SmallLog.folder()
        let pipeline = SmallLog.pipeline.replacing("  item: movie\n", with: "  item: movie\n  max_rejects: 1\n")
        try folder.write(pipeline, to: "p.yaml")
        try folder.write(SmallLog.ratings + "x,1,5,1000000\r\n", to: "ratings.csv")
        let rows = SmallLog.ratings.split(separator: "\r\n").count
        let bad = try Plumb.run(["run", "p.yaml", "--seeds", "1", "-o", "out"], in: folder.url)
        #expect(bad.status == 0 && bad.errors.contains("\(rows) read, \(rows - 1) kept, 1 rejected, "), "\(bad.errors)")
        let rejects = try String(decoding: folder.read("out/rejects.jsonl"), as: UTF8.self)
        #expect(rejects.contains(#""column":"user""#) && rejects.split(separator: "\n").count == 1)
        // They are as good as any result: a run that skips keeps them, and makes them anew where they are gone.
        let again = try Plumb.run(["run", "p.yaml", "--seeds", "1", "-o", "out"], in: folder.url)
        #expect(again.errors.contains("run: partition: skipped"), "\(again.errors)")
        #expect(try String(decoding: folder.read("out/rejects.jsonl"), as: UTF8.self) == rejects)
        try FileManager.default.removeItem(at: folder.url.appending(path: "out/rejects.jsonl"))
        let missing = try Plumb.run(["run", "p.yaml", "--seeds", "1", "-o", "out"], in: folder.url)
        #expect(missing.errors.contains("partition: redone, rejects.jsonl is missing"), "\(missing.errors)")
        #expect(try String(decoding: folder.read("out/rejects.jsonl"), as: UTF8.self) == rejects)

        try folder.write(SmallLog.ratings, to: "ratings.csv")
        let good = try Plumb.run(["run", "p.yaml", "--seeds", "1", "-o", "out"], in: folder.url)
        #expect(
            good.status == 0 && good.errors.contains("\(rows - 1) read, \(rows - 1) kept, 0 rejected, "),
            "\(good.errors)")
        #expect(try !folder.names().contains("out/rejects.jsonl"))
    }
}
