import ArrowStream
import Samples

/// The tables of a store that is read back, one a feature.
struct TrainCountsReader {
    private let manifest: PartitionManifest
    private var samples: [[Int]]
    private var positives: [[Int]]

    /// Tables in which nothing was counted yet.
    init(_ manifest: PartitionManifest) {
        self.manifest = manifest
        samples = manifest.dictionarySizes.map { Array(repeating: 0, count: $0 ?? 0) }
        positives = samples
    }

    /// Enters the rows of one batch; false if they cannot be counts of this store.
    mutating func add(_ batch: ArrowBatch) -> Bool {
        guard batch.schema.fields == TrainCountsFile.schema.fields,
            batch.columns.allSatisfy({ $0.validity == nil }), case .text(let names) = batch.columns[0].values,
            case .uint32(let ids) = batch.columns[1].values, case .int64(let counted) = batch.columns[2].values,
            case .int64(let positive) = batch.columns[3].values
        else { return false }
        var feature = 0
        for row in 0..<batch.count {
            let name = names.utf8(row)
            if row == 0 || !names.isEqual(row, to: names, row - 1) {
                guard let found = manifest.schema.features.firstIndex(where: { name.elementsEqual($0.name.utf8) })
                else { return false }
                feature = found
            }
            let id = Int(ids[row])
            guard id < samples[feature].count, samples[feature][id] == 0, counted[row] > 0,
                counted[row] <= manifest.samples.train, (0...counted[row]).contains(positive[row])
            else { return false }
            samples[feature][id] = Int(counted[row])
            positives[feature][id] = Int(positive[row])
        }
        return true
    }

    /// The tables of the features that have ids, in the schema's order.
    var counts: [TrainCounts] {
        manifest.schema.features.indices.filter { manifest.dictionarySizes[$0] != nil }.map {
            TrainCounts(feature: manifest.schema.features[$0].name, samples: samples[$0], positives: positives[$0])
        }
    }
}
