import ArrowStream
import LogIngest
import Samples
import Testing

struct VocabularyFileTests {
    @Test
    func holdsEveryKeyWithItsIDAndCount() async throws {
        let got = try await Ingested(LogIngestTests.joined(Fixture.path("log.csv")))
        let decoder = try ArrowStreamDecoder(name: "vocabulary", bytes: got.report.vocabularyFile())
        #expect(decoder.schema.fields.map(\.name) == ["feature", "key", "id", "count"])
        #expect(decoder.schema.fields.map(\.type) == [.utf8, .utf8, .integer(.uint32), .integer(.int64)])
        var rows: [String] = []
        while let batch = try decoder.nextBatch() {
            guard case .text(let features) = batch.columns[0].values, case .text(let keys) = batch.columns[1].values,
                case .uint32(let ids) = batch.columns[2].values, case .int64(let counts) = batch.columns[3].values
            else { throw StageError(.data, "columns of other types") }
            for row in 0..<batch.count { rows.append("\(features[row]) \(keys[row]) \(ids[row]) \(counts[row])") }
        }
        #expect(
            rows == [
                "item 10 1 4", "item 11 2 7", "item 14 3 7", "item 12 4 6", "name Bread 1 4",
                "name The \"big\" one 2 7",
                "name Tea, green 3 7", "name Café 4 6", "kinds food 1 4", "kinds drink 2 13", "kinds hot 3 7",
            ])
    }

    @Test
    func isWholeWithoutAnyKeys() async throws {
        let decoder = try ArrowStreamDecoder(name: "vocabulary", bytes: IngestReport().vocabularyFile())
        #expect(try decoder.nextBatch() == nil)
    }
}
