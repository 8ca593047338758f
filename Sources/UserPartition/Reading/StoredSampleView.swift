import Samples

/// Turns samples as they stand in files into samples as stages see them: dense features scaled, histories made.
struct StoredSampleView {
    private let scalings: [(column: Int, scaling: DenseScaling)]
    private var history: HistoryWindow?

    /// The view of one pass over a store's batches in order.
    init(_ manifest: PartitionManifest) {
        let schema = manifest.storedSchema
        scalings = manifest.scaling.compactMap { scaling in
            schema.features.firstIndex { $0.name == scaling.feature }.map { ($0, scaling) }
        }
        history = manifest.history.map {
            HistoryWindow($0, schema: manifest.schema, columns: manifest.historyColumns)
        }
    }

    /// The next batch as stages see it.
    mutating func shown(_ batch: SampleBatch) -> SampleBatch {
        var batch = batch
        for (column, scaling) in scalings {
            guard case .dense(let values) = batch.features[column] else { continue }
            batch.features[column] = .dense(values.map { scaling.scaled($0) })
        }
        return history?.extend(batch) ?? batch
    }
}
