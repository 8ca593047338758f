import ArrowStream
import OrderedJSON
import Samples

/// Vocabularies as an Arrow IPC stream of four columns: `feature` and `key` (utf8), `id` (uint32), `count` (int64, the rows
/// in which the key occurred). Features in the schema's order, each one's keys in the order of their ids. The stream's
/// metadata names all features, also those without keys.
enum VocabularyFile {
    static let schema = ArrowSchema(fields: [
        ArrowField(name: "feature", type: .utf8),
        ArrowField(name: "key", type: .utf8),
        ArrowField(name: "id", type: .integer(.uint32)),
        ArrowField(name: "count", type: .integer(.int64)),
    ])

    /// Under this key the stream's metadata holds the features' names, a JSON array of texts. Older files lack it.
    static let featuresNote = "plumb.features"

    private static let mostBatchRows = 65_536

    /// The file's bytes.
    static func bytes(_ vocabularies: [Vocabulary]) -> [UInt8] {
        var schema = schema
        schema.metadata[featuresNote] = JSONValue.array(vocabularies.map { .string($0.feature) }).text(.oneLine)
        let encoder = ArrowStreamEncoder(schema: schema)
        var bytes = encoder.start()
        for vocabulary in vocabularies {
            for start in stride(from: 0, to: vocabulary.count, by: mostBatchRows) {
                let rows = start..<min(start + mostBatchRows, vocabulary.count)
                bytes += encoder.encode(batch(rows, of: vocabulary, schema))
            }
        }
        return bytes + encoder.end()
    }

    private static func batch(_ rows: Range<Int>, of vocabulary: Vocabulary, _ schema: ArrowSchema) -> ArrowBatch {
        var keys = TextColumn()
        keys.append(contentsOf: rows, of: vocabulary.keys)
        return ArrowBatch(
            schema,
            columns: [
                ArrowColumn(.text(TextColumn(repeatElement(vocabulary.feature, count: rows.count)))),
                ArrowColumn(.text(keys)),
                ArrowColumn(.uint32(rows.map { UInt32($0 + 1) })),
                ArrowColumn(.int64(Array(vocabulary.counts[rows]))),
            ], count: rows.count)
    }
}

extension IngestReport {
    /// `vocabularies` as a file: an Arrow IPC stream with the columns `feature`, `key`, `id` and `count`. To be called once
    /// the report is complete; before that it holds no rows.
    public func vocabularyFile() -> [UInt8] { VocabularyFile.bytes(vocabularies) }
}
