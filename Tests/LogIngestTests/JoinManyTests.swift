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
}
