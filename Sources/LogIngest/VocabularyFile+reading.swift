import ArrowStream
public import ByteStreams
import OrderedJSON
public import Samples

extension VocabularyFile {
    /// Reads a vocabulary that an earlier ingest wrote. Throws `environment` if the file cannot be read, `data` if it is
    /// damaged, is no vocabulary, or holds ids that do not count 1, 2, … within a feature, or a key or feature twice.
    ///
    /// Features stand in the order of the file's note of them; in files older than the note, in that of their keys.
    static func read(_ path: String, cancellation: Cancellation) throws(StageError) -> [Vocabulary] {
        let decoder = try ArrowStreamDecoder(try InputFile(path: path, cancellation: cancellation))
        guard decoder.schema.fields.map(\.name) == schema.fields.map(\.name) else {
            throw StageError(
                .data, "is no vocabulary: its columns are not feature, key, id and count", at: decoder.position)
        }
        let noted = try notedFeatures(decoder)
        // The features that have keys.
        var order: [String] = []
        var keys: [String: KeyDictionary] = [:]
        while let batch = try decoder.nextBatch() {
            guard case .text(let features) = batch.columns[0].values, case .text(let texts) = batch.columns[1].values,
                case .uint32(let ids) = batch.columns[2].values, batch.columns.allSatisfy({ $0.validity == nil })
            else { throw StageError(.data, "is no vocabulary: its columns have other types", at: decoder.position) }
            for row in 0..<batch.count {
                try add(texts.utf8(row), id: ids[row], of: features[row], to: &keys, &order, at: decoder.position)
            }
        }
        if let noted {
            let names = Set(noted)
            if let feature = order.first(where: { !names.contains($0) }) {
                throw StageError(
                    .data, "has keys of feature `\(feature)`, but notes no such feature", at: decoder.position)
            }
        }
        return (noted ?? order).map { feature in
            let column = keys[feature]?.keys ?? TextColumn()
            return Vocabulary(feature: feature, keys: column, counts: Array(repeating: 0, count: column.count))
        }
    }

    /// The features' names by the file's note of them; nil if it has none.
    private static func notedFeatures(_ decoder: ArrowStreamDecoder) throws(StageError) -> [String]? {
        guard let note = decoder.schema.metadata[featuresNote] else { return nil }
        guard note.utf8.count <= mostNoteBytes else {
            throw StageError(.data, "notes its features in more than \(mostNoteBytes) bytes", at: decoder.position)
        }
        var features: [String] = []
        do throws(JSONError) {
            for element in try JSONNode(JSONValue(note)).elements() { features.append(try element.string()) }
        } catch {
            throw StageError(
                .data, "has no list of texts as `\(featuresNote)`, the note of its features", at: decoder.position)
        }
        var names: Set<String> = []
        for feature in features where !names.insert(feature).inserted {
            throw StageError(.data, "notes the feature `\(feature)` twice", at: decoder.position)
        }
        return features
    }

    /// As JSON, a note may take 50 times as much memory.
    private static let mostNoteBytes = 1 << 20

    private static func add(
        _ key: ArraySlice<UInt8>, id: UInt32, of feature: String, to keys: inout [String: KeyDictionary],
        _ order: inout [String], at position: SourcePosition?
    ) throws(StageError) {
        if keys[feature] == nil { order.append(feature) }
        let count = keys[feature]?.count ?? 0
        guard id == count + 1 else {
            throw StageError(
                .data, "feature `\(feature)` has the id \(id) where \(count + 1) must follow", at: position)
        }
        guard key.count <= mostKeyBytes, keys[feature]?.isNearlyFull != true else {
            throw StageError(.data, "the keys of feature `\(feature)` take more than 2 GiB", at: position)
        }
        guard keys[feature, default: KeyDictionary()].id(of: key.span) == id else {
            throw StageError(
                .data, "feature `\(feature)` has the key \(FieldText.quoted(key)) twice", at: position)
        }
    }

    /// No key is longer: it fits what a dictionary that is not nearly full has left.
    private static let mostKeyBytes = 32 << 20
}

extension Vocabulary {
    /// Reads the vocabularies that an ingest wrote; their counts are 0. Blocks. Throws as `ingest` does where it is given
    /// one.
    public static func read(_ path: String, cancellation: Cancellation) throws(StageError) -> [Vocabulary] {
        try VocabularyFile.read(path, cancellation: cancellation)
    }
}
