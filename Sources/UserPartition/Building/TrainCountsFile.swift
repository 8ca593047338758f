import ArrowStream
import Samples

/// The counts of all features as the Arrow stream `train-counts.arrows`: a row for each feature and id that stands in a
/// train part, features in the schema's order, ids rising.
enum TrainCountsFile {
    private static let batchRows = 65_536

    static let schema = ArrowSchema(fields: [
        ArrowField(name: "feature", type: .utf8),
        ArrowField(name: "id", type: .integer(.uint32)),
        ArrowField(name: "samples", type: .integer(.int64)),
        ArrowField(name: "positives", type: .integer(.int64)),
    ])

    /// Writes the file.
    static func write(
        _ counters: [TrainCounter], schema samples: SampleSchema, in folder: Folder
    ) throws(StageError) -> PartitionManifest.File {
        let file = try StoreFile(creating: StoreLayout.trainCounts, in: folder)
        let encoder = ArrowStreamEncoder(schema: schema)
        try file.write(encoder.start())
        for (feature, counter) in zip(samples.features, counters) {
            var rows: [(id: UInt32, count: TrainCounter.Count)] = []
            func flush() throws(StageError) {
                let columns: [ArrowColumn.Values] = [
                    .text(TextColumn(rows.map { _ in feature.name })),
                    .uint32(rows.map(\.id)),
                    .int64(rows.map { Int64($0.count.samples) }),
                    .int64(rows.map { Int64($0.count.positives) }),
                ]
                try file.write(
                    encoder.encode(ArrowBatch(schema, columns: columns.map { ArrowColumn($0) }, count: rows.count)))
                rows.removeAll(keepingCapacity: true)
            }
            try counter.forEach { id, count throws(StageError) in
                rows.append((id, count))
                if rows.count == batchRows { try flush() }
            }
            if !rows.isEmpty { try flush() }
        }
        try file.write(encoder.end())
        return try file.finish()
    }
}
