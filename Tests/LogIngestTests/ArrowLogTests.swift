import ArrowStream
import Samples
import Testing

@testable import LogIngest

struct ArrowLogTests {
    private static func settings(_ path: String, entry: String? = nil) -> IngestSettings {
        var settings = IngestSettings.small([path], entry: entry)
        settings.sources[0].format = .arrow
        return settings
    }

    /// A log of two rows.
    private static let log: [UInt8] = {
        let schema = ArrowSchema(fields: [
            ArrowField(name: "user", type: .integer(.int64)), ArrowField(name: "item", type: .utf8),
            ArrowField(name: "rating", type: .integer(.int8)), ArrowField(name: "time", type: .integer(.int64)),
        ])
        let columns: [ArrowColumn.Values] = [
            .int64([7, 8]), .text(TextColumn(["a", "b"])), .int8([5, 3]), .int64([1, 2]),
        ]
        let encoder = ArrowStreamEncoder(schema: schema)
        let batch = ArrowBatch(schema, columns: columns.map { ArrowColumn($0) }, count: 2)
        return encoder.start() + encoder.encode(batch) + encoder.end()
    }()

    @Test(arguments: ["log.arrows", "log.csv"])
    func readsAFileThatIsAnArrowStream(name: String) async throws {
        let folder = try TemporaryFolder()
        let got = try await Ingested(Self.settings(try folder.file(name, Self.log)))
        #expect(got.users == [7, 8])
        #expect(got.rows.times == [1000, 2000])
        #expect(got.rows.labels == [1, 0])
        #expect(got.vocabulary("item") == ["a: 1", "b: 1"])
    }

    @Test
    func aFileOfAnotherKindIsCalledSo() async throws {
        let folder = try TemporaryFolder()
        let parquet = await Ingested.failure(Self.settings(try folder.file("log.parquet", "PAR1\u{15}\u{0}")))
        #expect(
            parquet?.message
                == "is a Parquet file, which is not read; convert it to an Arrow stream, as by DuckDB or polars")
        let text = await Ingested.failure(Self.settings(try folder.file("log.csv", "user,item\n1,2\n")))
        #expect(text?.message == "is not an Arrow stream")
    }
}
