import ByteStreams
import Samples
import Testing

@testable import LogIngest

/// Side tables in which a key has many rows.
struct JoinManyTests {
    typealias FeatureSetting = IngestSettings.FeatureSetting

    private static func settings(_ log: String, _ table: String, separator: String, batchRows: Int = 4096)
        -> IngestSettings
    {
        var settings = IngestSettings.small([log], batchRows: batchRows)
        settings.sources.append(IngestSettings.Source(name: "tags", paths: [table]))
        let join = FeatureSetting.Join(source: "tags", key: "item", on: "item", rows: .many)
        settings.features = [
            FeatureSetting(
                name: "tags", column: "tag", join: join, kind: .multivalued(separator: separator, .dictionary)),
            FeatureSetting(
                name: "hashed", column: "tag", join: join, kind: .multivalued(separator: separator, .hash(size: 1000))),
        ]
        return settings
    }

    @Test(arguments: [1, 3])
    func takesTheValuesOfAllRowsInTheTablesOrder(_ threads: Int) async throws {
        let folder = try TemporaryFolder()
        let log = try folder.file("log.csv", "user,item,rating,time\n1,b,5,1\n2,a,1,2\n3,c,1,3\n4,d,5,4\n5,b,1,5\n")
        // Keys stand apart; `a|b` is one tag where nothing separates; an empty one is none.
        let table = try folder.file("tags.csv", "item,tag\na,x\nb,y\na,a|b\nb,\nc,\na,y\nb,x\nb,y\n")
        let got = try await Ingested(Self.settings(log, table, separator: ""), threads: threads)
        #expect(got.vocabulary("tags") == ["y: 3", "x: 3", "a|b: 1"])
        #expect(got.lists(1) == [[1, 2, 1], [2, 3, 1], [], [], [1, 2, 1]])
        #expect(got.lists(2).map(\.count) == [3, 3, 0, 0, 3])
        #expect(got.report.joinMisses == ["tags": 1, "hashed": 1])
        let split = try await Ingested(Self.settings(log, table, separator: "|"), threads: threads)
        #expect(split.vocabulary("tags") == ["y: 3", "x: 3", "a: 1", "b: 1"])
        #expect(split.lists(1)[1] == [2, 3, 4, 1])
    }

    @Test
    func listsThatAreTooLongForOneBatchMakeSmallerOnes() async throws {
        let folder = try TemporaryFolder()
        var text = "item,tag\n"
        for item in 0..<4 {
            for _ in 0..<30 { text += "i\(item)," + String(repeating: "a|b|", count: 1000) + "\n" }
        }
        let table = try folder.file("tags.csv", text)
        var rows = "user,item,rating,time\n"
        for row in 0..<40 { rows += "\(row),i\(row % 4),5,1\n" }
        let log = try folder.file("log.csv", rows)
        let got = try await Ingested(Self.settings(log, table, separator: "|"))
        #expect(got.users == (0..<40).map(Int64.init))
        #expect(got.batchSizes.count > 1)
        // 60,000 ids a row in each of two features.
        #expect(got.batchSizes.allSatisfy { $0 == 1 || $0 * 120_000 <= 4 << 20 })
        #expect(got.lists(1).allSatisfy { $0.count == 60_000 })
        #expect(got.vocabulary("tags") == ["a: 40", "b: 40"])
    }

    @Test
    func listsAreGatheredOnlyWhenABatchIsHandedOn() async throws {
        let folder = try TemporaryFolder()
        let table = try folder.file("tags.csv", "item,tag\na," + String(repeating: "x|", count: 60_000) + "\n")
        let settings = Self.settings("log.csv", table, separator: "|")
        let join = try #require(settings.features[0].join)
        let side = try SideTable(
            join, features: settings.features, of: settings, cancellation: Cancellation(), report: IngestReport())
        let names = ["user", "item", "rating", "time"]
        let places = WantedColumns(settings).names.compactMap { names.firstIndex(of: $0) }
        let stream = LogStream(
            position: SourcePosition(file: "log.csv"), columns: ColumnNames(names), places: places, firstLine: 1,
            hasFieldNumbers: true, isPacked: false)
        let text = Array(String(repeating: "1,a,5,1\n", count: 200).utf8)
        var parser = ChunkParser(
            settings, tables: [side], timeParser: try TimeParser(settings.roles.time), worker: 0)
        var parsed = parser.parse(
            LogChunk(
                stream: stream, isFirst: true, content: .text(RecordBlock(text, at: 0, columnCount: names.count))))
        var committer = ChunkCommitter(
            settings, joins: [join], tables: [side], vocabularies: [], workerCount: 1)
        try committer.commit(&parsed)
        // 12 million ids in each of two features, of which a chunk holds none.
        #expect(parsed.batches.reduce(0) { $0 + $1.samples.byteCount } < 200 * 100)
        var rows = 0
        for batch in parsed.batches {
            let samples = committer.samples(of: batch)
            guard case .multivalued(let lists) = samples.features[1] else { continue }
            #expect(lists.values.count == samples.count * 60_000 && lists.values.allSatisfy { $0 == 1 })
            rows += samples.count
        }
        #expect(rows == 200)
        committer.finish()
        #expect(committer.vocabularies.first?.counts == [200])
    }

    @Test
    func aKeyWithTooManyValuesIsRefused() async throws {
        let folder = try TemporaryFolder()
        let log = try folder.file("log.csv", "user,item,rating,time\n1,a,5,1\n")
        // 17 rows of 61,681 values are 2^20 + 1.
        let row = "a," + String(repeating: "x|", count: 61_680) + "x\n"
        let table = try folder.file("tags.csv", "item,tag\nb,x\n" + String(repeating: row, count: 17))
        let error = await Ingested.failure(Self.settings(log, table, separator: "|"))
        #expect(error?.code == .refused && error?.position?.file == table)
        #expect(error?.message == "key `a` has 1048577 values for feature `tags`, more than 1048576")
    }
}
