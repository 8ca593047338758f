import ByteStreams
import Samples
import Testing

@testable import LogIngest

@Suite("Impression lists")
struct ImpressionListTests {
    /// Settings for rows of `user,time,impressions`, and `history` if there is one.
    private func settings(
        _ path: String, list: IngestSettings.ImpressionList = .init(column: "impressions"), item: String? = nil,
        features: [IngestSettings.FeatureSetting] = [], sources: [IngestSettings.Source] = [], batchRows: Int = 4096,
        mostRejects: IngestSettings.MostRejects = .rows(0)
    ) -> IngestSettings {
        IngestSettings(
            sources: [.init(name: "log", paths: [path])] + sources, log: "log",
            roles: .init(
                user: "user", time: .init(column: "time", format: .unixSeconds), label: .pairs(list), item: item),
            features: features, batchRows: batchRows, mostRejects: mostRejects)
    }

    private static let log = """
        user,time,impressions
        7,100,N1-0 N2-1 N-3-0
        8,200,
        7,300,N2-1

        """

    @Test("each pair is a sample, those of a row have one user, time and group")
    func samples() async throws {
        let folder = try TemporaryFolder()
        let settings = settings(try folder.file("log.csv", Self.log))
        let got = try await Ingested(settings)
        #expect(settings.schema.hasGroups && settings.schema.item == 0)
        #expect(got.users == [7, 7, 7, 7])
        #expect(got.rows.times == [100_000, 100_000, 100_000, 300_000])
        #expect(got.rows.labels == [0, 1, 0, 1])
        #expect(got.rows.groups == [0, 0, 0, 2])
        #expect(got.ids(0) == [1, 2, 3, 2])
        // The last mark counts.
        #expect(got.vocabulary("item") == ["N1: 1", "N2: 2", "N-3: 1"])
        #expect(got.report.progress.rowsKept == 3 && got.report.progress.rowsRejected == 0)
        #expect(got.report.progress.samples == 4)
    }

    @Test("separator, mark and the items' name are free, and the items can be joined and read twice")
    func names() async throws {
        let folder = try TemporaryFolder()
        let log = try folder.file("log.csv", "user,time,impressions,place\n1,5,a=>1||b=>0,home\n")
        let items = try folder.file("items.csv", "key,kind\nb,x\na,y\n")
        let list = IngestSettings.ImpressionList(column: "impressions", separator: "||", mark: "=>", item: "news")
        let got = try await Ingested(
            settings(
                log, list: list, item: "news",
                features: [
                    .init(name: "again", column: "news", kind: .categorical(.dictionary)),
                    .init(
                        name: "kind", column: "kind", join: .init(source: "items", key: "key", on: "news"),
                        kind: .categorical(.dictionary)),
                    .init(name: "place", column: "place", kind: .categorical(.dictionary)),
                ], sources: [.init(name: "items", paths: [items])]))
        #expect(got.rows.labels == [1, 0])
        #expect(got.ids(0) == [1, 2] && got.ids(1) == [1, 2])
        #expect(got.vocabulary("kind") == ["y: 1", "x: 1"])
        #expect(got.vocabulary("place") == ["home: 2"])
    }

    @Test(
        "a row with a bad pair is rejected whole, once, and leaves no key behind",
        arguments: [
            "N8-0 N9", "N8-1 N9-2", "N8-0 -1", "N8-1  N9-0", " ", "N8-0 ", "N8-1 N9-01", "N8-0 N9-", "-", "1",
            "N8-0 N\u{FFFD}-1",
        ])
    func badPairs(list: String) async throws {
        let folder = try TemporaryFolder()
        // The replacement character stands for a byte that is not UTF-8.
        let bad = Array("3,3,\(list)\n".utf8).split(separator: Array("\u{FFFD}".utf8), maxSplits: 1)
        let bytes =
            Array("user,time,impressions\n1,1,N1-1\n".utf8) + bad.joined(separator: [0xFF])
            + Array("2,2,N2-0\n".utf8)
        let rejects = folder.path + "/rejects"
        let got = try await rejecting(settings(try folder.file("log.csv", bytes), mostRejects: .rows(1)), to: rejects)
        #expect(got.rows.groups == [0, 2])
        #expect(got.vocabulary == ["N1", "N2"])
        #expect(got.report.progress.rowsKept == 2 && got.report.progress.rowsRejected == 1)
        let reject = try #require(got.rejects.only)
        #expect(reject.contains(#""line":3,"#) && reject.contains(#""column":"impressions""#))
        #expect(reject.contains("must hold items with their labels, 0 or 1, as `N1-0 N2-1`, holds"))
    }

    @Test("a row with another bad field is rejected whole, once, and counts in the groups' numbers")
    func badFields() async throws {
        let folder = try TemporaryFolder()
        let log = """
            time,user,impressions
            1,1,N1-1 N2-0
            x,y,N3-1 N4-0 N5-0
            3
            4,1,N2-1 N1-0

            """
        for batchRows in [1, 2, 3, 4096] {
            let rejects = folder.path + "/rejects"
            let got = try await rejecting(
                settings(try folder.file("log.csv", log), batchRows: batchRows, mostRejects: .rows(2)), to: rejects)
            #expect(got.rows.groups == [0, 0, 3, 3])
            #expect(got.vocabulary == ["N1", "N2"])
            #expect(got.report.progress.rowsRead == 4 && got.report.progress.rowsRejected == 2)
            #expect(got.rejects.count == 2)
            #expect(got.rejects[0].contains(#""line":3"#) && got.rejects[0].contains(#""text":"x,y,N3-1 N4-0 N5-0""#))
            #expect(got.rejects[0].contains(#""column":"user""#))
            #expect(got.rejects[1].contains(#""line":4"#))
        }
    }

    @Test(
        "samples, groups and ids are the same for any number of threads and any batch size",
        arguments: ["N1 N", "\"N1\nN"])
    func threads(history: String) async throws {
        let folder = try TemporaryFolder()
        let quote = history.hasPrefix("\"") ? "\"" : ""
        var log = "user,time,history,impressions\n"
        var groups: [Int64] = []
        var badLines: [String] = []
        var line = 2
        for row in 0..<30_000 {
            if row % 1000 == 13 || row % 7000 == 5000 {
                log += "\(row)\n"
                badLines.append("\"line\":\(line),")
                line += 1
                continue
            }
            let count = (row * 7919) % 5
            let pairs = (0..<count).map { "N\((row * 31 + $0 * 17) % 997)-\((row + $0) % 2)" }
            log += "\(row % 50),\(row),\(history)\(row % 7)\(quote),\(pairs.joined(separator: " "))\n"
            groups += repeatElement(Int64(row), count: count)
            line += quote.isEmpty ? 1 : 2
        }
        let path = try folder.file("log.csv", log)
        var first: SampleBatch?
        for (threads, batchRows) in [(1, 4096), (3, 4096), (2, 7)] {
            let settings = settings(
                path,
                features: [
                    .init(name: "history", column: "history", kind: .multivalued(separator: " ", .dictionary))
                ], batchRows: batchRows, mostRejects: .rows(60))
            let got = try await rejecting(settings, to: folder.path + "/rejects", threads: threads)
            // Failures must not print all of the rows.
            let hasExpectedGroups = got.rows.groups == groups
            let isAsBefore = got.rows == first ?? got.rows
            #expect(hasExpectedGroups && isAsBefore)
            #expect(got.batchSizes.allSatisfy { $0 <= batchRows })
            #expect(got.report.progress.rowsRead == 30_000 && got.report.progress.samples == groups.count)
            #expect(got.rejects.count == badLines.count)
            #expect(zip(got.rejects, badLines).allSatisfy { $0.contains($1) })
            first = got.rows
        }
    }

    @Test("the items of a list of JSON are pairs, and so are those of a text")
    func json() async throws {
        let folder = try TemporaryFolder()
        let lines = [
            #"{"user": 1, "time": 1, "shown": ["a-0", "b-1"]}"#, "{", #"{"user": 1, "time": 2, "shown": "b-0 c-1"}"#,
            #"{"user": 1, "time": 3, "shown": []}"#, #"{"user": 1, "time": 4, "shown": ["c-1"]}"#,
        ]
        var settings = settings(
            try folder.file("log.jsonl", lines.joined(separator: "\n")), list: .init(column: "shown"),
            mostRejects: .rows(1))
        settings.sources[0].format = .jsonLines
        let got = try await Ingested(settings)
        #expect(got.rows.labels == [0, 1, 0, 1, 1])
        #expect(got.ids(0) == [1, 2, 2, 3, 3])
        #expect(got.rows.groups == [0, 0, 2, 2, 4])
    }

    @Test("a row whose lists would be repeated beyond all bounds is rejected")
    func longRows() async throws {
        let folder = try TemporaryFolder()
        let history = String(repeating: "a ", count: 30_000)
        let many = String(repeating: "b-0 ", count: 9_999) + "b-1"
        let path = try folder.file("log.csv", "user,time,history,impressions\n1,1,\(history),\(many)\n1,2,a,\(many)\n")
        let settings = settings(
            path,
            features: [
                .init(name: "history", column: "history", kind: .multivalued(separator: " ", .dictionary))
            ], mostRejects: .rows(1))
        let got = try await Ingested(settings)
        #expect(got.rows.count == 10_000 && got.batchSizes.allSatisfy { $0 <= 4096 })
        #expect(got.report.progress.rowsRejected == 1)
    }

    @Test(
        "a row whose user, time, key or looked-up key would be repeated beyond all bounds is rejected",
        arguments: ["user", "time", "place", "hashed", "key"])
    func longFields(column: String) async throws {
        let folder = try TemporaryFolder()
        let many = String(repeating: "b-0 ", count: 129_999) + "b-1"
        let names = ["user", "time", "place", "hashed", "key"]
        // Zeros before the time change nothing, so that it is a good one.
        let long = names.map { $0 == column ? String(repeating: "0", count: 200_000) + "1" : "1" }
        let short = names.map { _ in "1" }
        let log = [names + ["impressions"], long + [many], short + [many]].map { $0.joined(separator: ",") + "\n" }
        let items = try folder.file("items.csv", "key,kind\n1,x\n")
        var settings = settings(
            try folder.file("log.csv", log.joined()),
            features: [
                .init(name: "place", column: "place", kind: .categorical(.dictionary)),
                .init(name: "hashed", column: "hashed", kind: .categorical(.hash(size: 9))),
                .init(
                    name: "kind", column: "kind", join: .init(source: "items", key: "key", on: "key"),
                    kind: .categorical(.dictionary)),
            ], sources: [.init(name: "items", paths: [items])], mostRejects: .rows(1))
        settings.userKind = .text
        let rejects = folder.path + "/rejects"
        let got = try await rejecting(settings, to: rejects)
        #expect(got.rows.count == 130_000 && got.rows.groups?.first == 1)
        let reject = try #require(got.rejects.only)
        #expect(reject.contains("repeated for its 130000 impressions, come to more than 8 MiB"))
    }

    @Test("rows whose fields are long when they are repeated make smaller batches")
    func longBatches() async throws {
        let folder = try TemporaryFolder()
        var log = "user,time,impressions\n"
        // Each row comes to 2.5 MB of user keys, and all are in one piece of the log.
        for row in 0..<5 {
            log += String(repeating: "u", count: 3_000) + "\(row),1," + String(repeating: "b-0 ", count: 832) + "b-1\n"
        }
        var settings = settings(try folder.file("log.csv", log), batchRows: 1 << 16)
        settings.userKind = .text
        let got = try await rejecting(settings, to: folder.path + "/rejects")
        #expect(got.rows.groups == (0..<5).flatMap { repeatElement($0, count: 833) })
        #expect(got.batchSizes.allSatisfy { $0 * 3_001 <= 8 << 20 } && got.batchSizes.count == 2)
    }

    @Test(
        "settings that make no sense are refused",
        arguments: [
            (IngestSettings.ImpressionList(column: "impressions", separator: ""), "need a separator"),
            (.init(column: "impressions", mark: ""), "need a separator between pairs and a mark"),
            (.init(column: "impressions", separator: "-"), "must not hold their separator"),
            (.init(column: "impressions", item: "user"), "need a name of their own, not `user`"),
            (.init(column: "impressions", item: "impressions"), "need a name of their own"),
            (.init(column: "impressions", item: "other"), "the log has a column `other` already"),
            (.init(column: "none"), "source `log` has no column `none`"),
        ])
    func refusals(list: IngestSettings.ImpressionList, message: String) async {
        var settings = settings("/nowhere", list: list)
        settings.sources[0].header = .names(["user", "time", "impressions", "other"])
        let error = await Ingested.failure(settings)
        #expect(error?.code == .usage && error?.message.contains(message) == true, "\(String(describing: error))")
    }

    @Test("the items are keys and nothing else")
    func itemsAreKeys() async {
        let dense = IngestSettings.FeatureSetting(name: "number", column: "item", kind: .dense())
        let error = await Ingested.failure(settings("/nowhere", features: [dense]))
        #expect(error?.code == .usage && error?.message.contains("must be categorical") == true)
    }

    /// What an ingest gives that writes its rejects.
    private struct Outcome {
        var rows: SampleBatch
        var batchSizes: [Int] = []
        var report = IngestReport()
        /// The keys of the first dictionary.
        var vocabulary: [String] = []
        var rejects: [String] = []
    }

    private func rejecting(_ settings: IngestSettings, to path: String, threads: Int = 1) async throws -> Outcome {
        let file = try RejectFile(path: path)
        var outcome = Outcome(rows: SampleBatch(settings.schema))
        for try await batch in LogIngest(settings).samples(report: outcome.report, rejects: file, threads: threads) {
            outcome.rows.append(contentsOf: 0..<batch.count, of: batch)
            outcome.batchSizes.append(batch.count)
        }
        try await file.publish()
        let text = String(decoding: try await FileContents.read(path, limit: 1 << 20), as: UTF8.self)
        outcome.rejects = text.split(separator: "\n").map(String.init)
        let keys = outcome.report.vocabularies[0].keys
        outcome.vocabulary = (0..<keys.count).map { keys[$0] }
        return outcome
    }
}

extension Array {
    /// The element if there is just one.
    fileprivate var only: Element? { count == 1 ? self[0] : nil }
}
