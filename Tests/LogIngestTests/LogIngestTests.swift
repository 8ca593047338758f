import LogIngest
import Samples
import Testing

struct LogIngestTests {
    typealias FeatureSetting = IngestSettings.FeatureSetting

    /// Settings that use all that issue a feature can be, over the fixtures' log and side table.
    static func joined(_ log: String, items: String = Fixture.path("items.csv")) -> IngestSettings {
        let join = FeatureSetting.Join(source: "items", key: "item", on: "item")
        var settings = IngestSettings.small([log])
        settings.sources.append(IngestSettings.Source(name: "items", paths: [items]))
        settings.features = [
            FeatureSetting(name: "name", column: "name", join: join, kind: .categorical(.dictionary)),
            FeatureSetting(
                name: "kinds", column: "kinds", join: join, kind: .multivalued(separator: "|", .dictionary),
                missing: ["(none)"]),
            FeatureSetting(name: "price", column: "price", join: join, kind: .dense(), missing: [""]),
            FeatureSetting(name: "rated", column: "rating", kind: .dense()),
            FeatureSetting(name: "rating_key", column: "rating", kind: .categorical(.hash(size: 100))),
        ]
        return settings
    }

    @Test
    func readsTheSmallLogAsItIsWritten() async throws {
        let got = try await Ingested(.small([Fixture.path("log.csv")]))
        #expect(
            got.rows.schema
                == SampleSchema(
                    userKind: .integer,
                    features: [.init(name: "item", kind: .categorical, encoding: .dictionary)], item: 0))
        #expect(got.users.prefix(6) == [1, 2, 3, 4, 5, 1])
        // Items 10, 11, 14, 12, 12, 14, 11, 10, 11, … by row.
        #expect(got.ids(0).prefix(9) == [1, 2, 3, 4, 4, 3, 2, 1, 2])
        #expect(got.rows.times.prefix(2) == [1_500_000_000_000, 1_500_000_060_000])
        // Ratings 1, 4, 2, 5, 3, 1, …
        #expect(got.rows.labels.prefix(6) == [0, 1, 0, 1, 0, 0])
        #expect(got.vocabulary("item") == ["10: 4", "11: 7", "14: 7", "12: 6"])
        #expect(got.report.isComplete)
        #expect(got.report.progress.rowsRead == 24)
        #expect(got.report.progress.rowsKept == 24)
        #expect(got.report.progress.rowsRejected == 0)
    }

    @Test
    func joinsSideTablesWithIdsInTheLogsOrder() async throws {
        let got = try await Ingested(Self.joined(Fixture.path("log.csv")))
        #expect(got.rows.schema.features.map(\.name) == ["item", "name", "kinds", "price", "rated", "rating_key"])
        // The log's items come as 10, 11, 14, 12; the side table has 14, 10, 11, 12.
        #expect(got.vocabulary("name") == ["Bread: 4", "The \"big\" one: 7", "Tea, green: 7", "Café: 6"])
        #expect(got.ids(1) == got.ids(0))
        #expect(got.lists(2).prefix(4) == [[1], [], [2, 3], [2]])
        #expect(got.vocabulary("kinds") == ["food: 4", "drink: 13", "hot: 7"])
        #expect(got.numbers(3).prefix(4) == [1, 0, 2.5, 3.25])
        #expect(got.numbers(4).prefix(4) == [1, 4, 2, 5])
        #expect(Set(got.ids(5)).count == 5)
        #expect(got.report.joinMisses == ["name": 0, "kinds": 0, "price": 0])
    }

    @Test
    func givesEmptyValuesToKeysThatTheSideTableLacks() async throws {
        let folder = try TemporaryFolder()
        let log = try folder.file("log.csv", "user,item,rating,time\n1,12,5,1\n1,99,5,2\n1,,5,3\n1,14,5,4\n")
        let got = try await Ingested(Self.joined(log))
        #expect(got.ids(0) == [1, 2, 0, 3])
        #expect(got.ids(1) == [1, 0, 0, 2])
        #expect(got.lists(2) == [[1], [], [], [1, 2]])
        #expect(got.numbers(3) == [3.25, 0, 0, 2.5])
        #expect(got.report.joinMisses == ["name": 2, "kinds": 2, "price": 2])
    }

    @Test
    func refusesASideTableThatNamesAKeyTwice() async throws {
        let folder = try TemporaryFolder()
        let items = try folder.file("items.csv", "item,name,kinds,price\n1,a,b,1\n2,a,b,1\n1,a,b,1\n")
        let failure = await Ingested.failure(Self.joined(Fixture.path("log.csv"), items: items))
        #expect(
            failure?.description
                == "\(items):4:1: error: `item` must be a key that stands in no earlier row, is `1`; "
                + "join with `rows: many` to take all of its rows")
    }

    @Test
    func countsAKeyOncePerRowHoweverOftenTheRowHoldsIt() async throws {
        let folder = try TemporaryFolder()
        let log = try folder.file(
            "log.csv", "user,item,rating,time,tags\n1,1,5,1,a;;b;;a\n1,1,5,2,;;b;;\n1,1,5,3,\n1,1,5,4,x\n")
        var settings = IngestSettings.small([log])
        settings.features = [
            FeatureSetting(
                name: "tags", column: "tags", kind: .multivalued(separator: ";;", .dictionary), missing: ["x"])
        ]
        let got = try await Ingested(settings)
        #expect(got.lists(1) == [[1, 2, 1], [2], [], []])
        #expect(got.vocabulary("tags") == ["a: 1", "b: 2"])
    }

    @Test(arguments: [1, 5, 24, 4096])
    func cutsRowsIntoBatchesOfTheSizeAskedFor(_ batchRows: Int) async throws {
        let whole = try await Ingested(.small([Fixture.path("log.csv")]))
        let got = try await Ingested(.small([Fixture.path("log.csv")], batchRows: batchRows))
        #expect(got.rows == whole.rows)
        #expect(got.batchSizes.dropLast().allSatisfy { $0 == batchRows })
        #expect(got.batchSizes.reduce(0, +) == 24)
        #expect(got.batchSizes.last.map { $0 > 0 } == true)
    }

    @Test
    func findsTheHeaderBehindManyBlankLines() async throws {
        let folder = try TemporaryFolder()
        // More of them than a block holds.
        let blank = String(repeating: "\n", count: 270_000)
        let path = try folder.file("log.csv", blank + "user,item,rating,time\r\n\n\n1,x,5,1\nx,x,5,1")
        let failure = await Ingested.failure(.small([path]))
        #expect(failure?.position == SourcePosition(file: path, line: 270_005, column: 1, byteOffset: 270_033))
    }

    @Test
    func givesOneEmptyBatchForALogWithoutRows() async throws {
        let folder = try TemporaryFolder()
        let got = try await Ingested(.small([try folder.file("log.csv", "user,item,rating,time\n")]))
        #expect(got.batchSizes == [0])
        #expect(got.report.isComplete)
    }

    @Test
    func readsFilesInTheOrderGivenEachByItsOwnHeader() async throws {
        let folder = try TemporaryFolder()
        let first = try folder.file("b.csv", "user,item,rating,time\n1,x,5,1\n")
        let second = try folder.file("a.csv", "\u{FEFF}time,more,rating,user,item\r\n2,?,1,7,y\r\n3,?,4,8,x")
        let got = try await Ingested(.small([first, second]))
        #expect(got.users == [1, 7, 8])
        #expect(got.rows.times == [1000, 2000, 3000])
        #expect(got.rows.labels == [1, 0, 1])
        #expect(got.ids(0) == [1, 2, 1])
    }

    @Test
    func readsLogsWithoutAHeaderAndWithOtherDelimiters() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("ratings.dat", "1::1193::5::978300760\n2::661::3::978302109\n")
        var settings = IngestSettings.small([path])
        settings.sources[0].format = .csv(delimiter: "::", quote: nil)
        settings.sources[0].header = .names(["user", "item", "rating", "time"])
        #expect(try await Ingested(settings).users == [1, 2])
        let tabs = try folder.file("ratings.tsv", "u\"1\t1193\tcart\t978300760\nü2\t661\tpv\t978302109\n")
        settings.sources[0].paths = [tabs]
        settings.sources[0].format = .tsv
        settings.userKind = .text
        settings.roles.label = .membership(column: "rating", ["cart", "fav"])
        let got = try await Ingested(settings)
        #expect(got.rows.users == .text(TextColumn(["u\"1", "ü2"])))
        #expect(got.rows.labels == [1, 0])
    }

    /// The whole data set, held against figures counted with Python's csv module.
    @Test
    func readsMovieLensOutOfItsZip() async throws {
        let join = FeatureSetting.Join(source: "movies", key: "movieId", on: "movieId")
        let path = Fixture.movieLens
        let settings = IngestSettings(
            sources: [
                .init(name: "ratings", paths: [path], entry: "ml-latest-small/ratings.csv"),
                .init(name: "movies", paths: [path], entry: "*/movies.csv"),
            ], log: "ratings",
            roles: .init(
                user: "userId", time: .init(column: "timestamp", format: .unixSeconds),
                label: try .init(parsing: "rating >= 4"), item: "movieId"),
            features: [
                FeatureSetting(
                    name: "genres", column: "genres", join: join, kind: .multivalued(separator: "|", .dictionary),
                    missing: ["(no genres listed)"])
            ])
        let got = try await Ingested(settings)
        #expect(got.rows.count == 100_836)
        #expect(Set(got.users).count == 610)
        #expect(got.rows.labels.reduce(0) { $0 + Int($1) } == 48_580)
        #expect(got.report.vocabularies.map(\.feature) == ["item", "genres"])
        #expect(got.report.vocabularies.map(\.count) == [9_724, 19])
        #expect(got.report.vocabularies.first?.counts.reduce(0, +) == 100_836)
        #expect(got.report.joinMisses == ["genres": 0])
    }
}
