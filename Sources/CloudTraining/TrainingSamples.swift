import ByteStreams
import CTRModels
import LocalStages
import Samples
import UserPartition

/// Some part of all users' samples as the model reads them, in store order, whole in memory.
///
/// Holds 4 bytes an id or number, 4 a label and 4 an id list; ml-latest-small's train part is about 2 MB.
struct TrainingSamples: Sendable {
    let input: ModelInput
    let labels: [Float]
    /// One user's rows after another's.
    let users: [Range<Int>]

    var count: Int { labels.count }

    /// Reads one pass over the store for the train part and, beside it, the validation part.
    static func read(
        _ store: PartitionStore, features: ModelFeatures
    ) async throws(StageError) -> (train: TrainingSamples, validation: TrainingSamples) {
        var train = SampleBatch(store.schema, partitioned: true)
        var validation = SampleBatch(store.schema, partitioned: true)
        for try await batch in store.localDatasets() {
            if Task.isCancelled { throw .cancelled }
            guard let parts = batch.parts else { throw StageError(.data, "the store's samples have no parts") }
            var start = 0
            while start < batch.count {
                var end = start + 1
                while end < batch.count && parts[end] == parts[start] { end += 1 }
                switch parts[start] {
                case .train: train.append(contentsOf: start..<end, of: batch)
                case .validation: validation.append(contentsOf: start..<end, of: batch)
                case .test: break
                }
                start = end
            }
        }
        // A cancelled stream may just end: what came until then is not the whole.
        if Task.isCancelled { throw .cancelled }
        return (TrainingSamples(train, features), TrainingSamples(validation, features))
    }

    private init(_ samples: SampleBatch, _ features: ModelFeatures) {
        input = features.input(samples, rows: 0..<samples.count)
        labels = samples.labels
        users = samples.userRanges
    }
}
