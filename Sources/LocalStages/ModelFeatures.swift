public import CTRModels
public import Samples

/// Which columns of a sample stream are a model's fields, and rows of the stream as the model reads them.
public struct ModelFeatures: Sendable, Hashable {
    /// For each field of the model the feature column that feeds it, by its place in the schema.
    public let columns: [Int]
    /// Those of them that are histories, by their place in the schema.
    private let histories: [Int]

    /// Finds each of a model's fields among a stream's features. Throws `data` if one is missing or of another kind.
    public init(of architecture: Architecture, in schema: SampleSchema) throws(StageError) {
        var columns: [Int] = []
        for field in architecture.fields {
            guard let column = schema.features.firstIndex(where: { $0.name == field.name }) else {
                let names = schema.features.map(\.name).joined(separator: ", ")
                throw StageError(
                    .data, "the model reads the feature `\(field.name)`, which the samples do not have",
                    advice: "they have \(names)")
            }
            // A history is a list in the samples.
            let kind = field.kind == .history ? .multivalued : field.kind
            guard schema.features[column].kind.rawValue == kind.rawValue else {
                throw StageError(
                    .data,
                    "the model reads `\(field.name)` as \(kind.rawValue), in the samples it is"
                        + " \(schema.features[column].kind.rawValue)")
            }
            columns.append(column)
        }
        self.columns = columns
        histories = zip(architecture.fields, columns).filter { $0.0.kind == .history }.map(\.1)
    }

    /// Throws `data` unless all histories of a row are of one length, as models need them; a store's own always are. Cost: O(rows).
    func checkHistories(of batch: SampleBatch) throws(StageError) {
        let offsets = histories.compactMap { column -> [Int32]? in
            if case .multivalued(let lists) = batch.features[column] { lists.offsets } else { nil }
        }
        guard let first = offsets.first else { return }
        for (place, others) in offsets.enumerated().dropFirst() where others != first {
            let row = zip(first, others).enumerated().first { $0.element.0 != $0.element.1 }.map { $0.offset - 1 } ?? 0
            let names = [histories[0], histories[place]].map { batch.schema.features[$0].name }
            throw StageError(
                .data,
                "the lists `\(names[0])` and `\(names[1])` of a sample of user \(batch.users[row]) differ in"
                    + " length, and the model reads them as one history",
                advice: "make the store's histories with `partition.history`")
        }
    }

    /// Some rows of a batch as the model reads them. All rows of it: no copy.
    public func input(_ batch: SampleBatch, rows: Range<Int>) -> ModelInput {
        input(batch.features, rows: rows)
    }

    /// Some rows of feature columns, in the order of the stream's schema, as the model reads them.
    public func input(_ features: [FeatureColumn], rows: Range<Int>) -> ModelInput {
        ModelInput(
            count: rows.count,
            columns: columns.map { column in
                switch features[column] {
                // Whole columns share their memory.
                case .categorical(let ids) where rows.count == ids.count: return .categorical(ids)
                case .dense(let values) where rows.count == values.count: return .dense(values)
                case .multivalued(let lists) where rows.count == lists.count:
                    return .multivalued(offsets: lists.offsets, ids: lists.values)
                case .categorical(let ids): return .categorical(Array(ids[rows]))
                case .dense(let values): return .dense(Array(values[rows]))
                case .multivalued(let lists):
                    let first = lists.offsets[rows.lowerBound]
                    let offsets = lists.offsets[rows.lowerBound...rows.upperBound].map { $0 - first }
                    return .multivalued(
                        offsets: offsets, ids: Array(lists.values[Int(first)..<Int(lists.offsets[rows.upperBound])]))
                }
            })
    }
}

extension StageError {
    /// A fault of the model or its file, at the file if one is named.
    public init(_ error: ModelError, file: String? = nil) {
        self.init(.data, error.message, at: file.map { SourcePosition(file: $0) })
    }
}
