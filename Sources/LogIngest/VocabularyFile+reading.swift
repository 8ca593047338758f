import ArrowStream
import ByteStreams
import Samples

extension VocabularyFile {
    /// Reads a vocabulary that an earlier ingest wrote. Throws `environment` if the file cannot be read, `data` if it is
    /// damaged, is no vocabulary, or holds ids that do not count 1, 2, … within a feature.
    static func read(_ path: String, cancellation: Cancellation) throws(StageError) -> [Vocabulary] {
        let decoder = try ArrowStreamDecoder(try InputFile(path: path, cancellation: cancellation))
        guard decoder.schema.fields.map(\.name) == schema.fields.map(\.name) else {
            throw StageError(
                .data, "is no vocabulary: its columns are not feature, key, id and count", at: decoder.position)
        }
        var order: [String] = []
        var keys: [String: TextColumn] = [:]
        while let batch = try decoder.nextBatch() {
            guard case .text(let features) = batch.columns[0].values, case .text(let texts) = batch.columns[1].values,
                case .uint32(let ids) = batch.columns[2].values, batch.columns.allSatisfy({ $0.validity == nil })
            else { throw StageError(.data, "is no vocabulary: its columns have other types", at: decoder.position) }
            for row in 0..<batch.count {
                let feature = features[row]
                if keys[feature] == nil { order.append(feature) }
                let count = keys[feature]?.count ?? 0
                guard ids[row] == count + 1 else {
                    throw StageError(
                        .data, "feature `\(feature)` has the id \(ids[row]) where \(count + 1) must follow",
                        at: decoder.position)
                }
                keys[feature, default: TextColumn()].append(utf8: texts.utf8(row))
            }
            if keys.values.contains(where: { $0.byteCount > Int(Int32.max) - mostBatchBytes }) {
                throw StageError(.data, "the keys of one feature take more than 2 GiB", at: decoder.position)
            }
        }
        return order.map { feature in
            let column = keys[feature] ?? TextColumn()
            return Vocabulary(feature: feature, keys: column, counts: Array(repeating: 0, count: column.count))
        }
    }

    /// More key bytes than one batch that is read can bring; what we write has far fewer.
    private static let mostBatchBytes = 64 << 20
}
