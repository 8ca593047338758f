import ByteStreams
import CTRModels
import LocalStages
import Samples
import UserPartition

extension DealtSamples {
    /// Bytes of samples that a chunk is to have, about.
    private static let chunkBytes = 8 << 20
    private static let mostChunks = 1 << 16

    /// Chunks for a store's train samples. It depends on what the store holds and what the model reads, and on nothing
    /// else.
    static func chunkCount(of manifest: PartitionManifest, features: ModelFeatures, chunkBytes: Int? = nil) -> Int {
        let schema = manifest.schema
        let storedSamples = max(1, manifest.samples.total)
        let storedBytes = manifest.buckets.reduce(0) { $0 + $1.file.bytes }
        var rowBytes = 4 * (1 + features.columns.count)
        for column in features.columns where schema.features[column].kind == .multivalued {
            // How long the lists are is not known before they are read; no longer than all columns of a stored row
            // together.
            let isHistory = column >= manifest.storedSchema.features.count
            rowBytes += isHistory ? 4 * (manifest.history?.length ?? 0) : storedBytes / storedSamples
        }
        let most = chunkBytes ?? Self.chunkBytes
        return min(mostChunks, max(1, (manifest.cloud.samples * rowBytes + most - 1) / most))
    }

    /// Reads one pass over the store for what the cloud may see of the train part and, beside it, the validation part:
    /// nothing of held-out users, and no train sample from the store's `cloudUntil` on. The test part is passed over.
    ///
    /// Also tells which ids the train samples hold.
    mutating func read(
        _ store: PartitionStore, features: ModelFeatures, architecture: Architecture
    ) async throws(StageError) -> SeenIDs {
        var seen = SeenIDs(architecture)
        var user: UInt32 = 0
        var isUserOpen = false
        let cloudUntil = store.manifest.cloudUntil
        for try await batch in store.withoutHeldOutUsers().localDatasets() {
            if Task.isCancelled { throw .cancelled }
            guard let parts = batch.parts else { throw StageError(.data, "the store's samples have no parts") }
            let columns = SampleColumns(
                labels: batch.labels, columns: features.columns.map { batch.features[$0] })
            var train: [Range<Int>] = []
            for rows in batch.userRanges {
                if !(isUserOpen && rows.lowerBound == 0) { user &+= 1 }
                var start = rows.lowerBound
                while start < rows.upperBound {
                    let end = parts[start..<rows.upperBound].firstIndex { $0 != parts[start] } ?? rows.upperBound
                    switch parts[start] {
                    case .train:
                        // In order of time, so that those before a time are the first.
                        let count = cloudUntil.map { until in batch.times[start..<end].prefix { $0 < until }.count }
                        let rows = start..<start + (count ?? end - start)
                        if !rows.isEmpty {
                            train.append(rows)
                            seen.mark(rows, of: columns.columns)
                        }
                    case .validation: try addValidation(start..<end, of: columns, user: user)
                    case .test: break
                    }
                    start = end
                }
            }
            if !train.isEmpty { try addTrain(train, of: columns) }
            if batch.count > 0 { isUserOpen = batch.continuesUser }
        }
        // A cancelled stream may just end: what came until then is not the whole.
        if Task.isCancelled { throw .cancelled }
        try finish()
        return seen
    }
}
