import ByteStreams
import CTRModels
import LocalStages
import Samples
import UserPartition

/// Some part of all users' samples as the model reads them, in store order, whole in memory.
///
/// Holds 4 bytes an id or number, 4 a label and 4 an id list, and 16 a user; ml-latest-small's train part is about 2 MB.
struct TrainingSamples: Sendable {
    let input: ModelInput
    let labels: [Float]
    /// One user's rows after another's.
    let users: [Range<Int>]

    var count: Int { labels.count }

    /// Reads one pass over the store for what the cloud may see of the train part and, beside it, the validation part:
    /// nothing of held-out users, and no train sample from the store's `cloudUntil` on.
    ///
    /// Throws `data` if a part has more than `limit` rows or ids in lists of one feature.
    static func read(
        _ store: PartitionStore, features: ModelFeatures, limit: Int = SampleBatch.columnLimit
    ) async throws(StageError) -> (train: TrainingSamples, validation: TrainingSamples) {
        var train = Rows(store.schema, limit: limit)
        var validation = Rows(store.schema, limit: limit)
        var user = -1
        var isUserOpen = false
        let cloudUntil = store.manifest.cloudUntil
        for try await batch in store.withoutHeldOutUsers().localDatasets() {
            if Task.isCancelled { throw .cancelled }
            guard let parts = batch.parts else { throw StageError(.data, "the store's samples have no parts") }
            for rows in batch.userRanges {
                if !(isUserOpen && rows.lowerBound == 0) { user += 1 }
                var start = rows.lowerBound
                while start < rows.upperBound {
                    let end = parts[start..<rows.upperBound].firstIndex { $0 != parts[start] } ?? rows.upperBound
                    switch parts[start] {
                    case .train:
                        // In order of time, so that those before a time are the first.
                        let seen = cloudUntil.map { until in batch.times[start..<end].prefix { $0 < until }.count }
                        let rows = start..<start + (seen ?? end - start)
                        if !rows.isEmpty { try train.append(rows, of: batch, user: user) }
                    case .validation: try validation.append(start..<end, of: batch, user: user)
                    case .test: break
                    }
                    start = end
                }
            }
            if batch.count > 0 { isUserOpen = batch.continuesUser }
        }
        // A cancelled stream may just end: what came until then is not the whole.
        if Task.isCancelled { throw .cancelled }
        return (TrainingSamples(train, features), TrainingSamples(validation, features))
    }

    private init(_ rows: Rows, _ features: ModelFeatures) {
        input = features.input(rows.features, rows: 0..<rows.labels.count)
        labels = rows.labels
        users = rows.users
    }
}

/// The rows of one part so far, without what no model reads: keys and times.
private struct Rows {
    private(set) var features: [FeatureColumn]
    private(set) var labels: [Float] = []
    private(set) var users: [Range<Int>] = []
    private var lastUser: Int?
    private let limit: Int

    init(_ schema: SampleSchema, limit: Int) {
        features = schema.features.map { FeatureColumn($0.kind) }
        self.limit = limit
    }

    /// Appends rows of one user, who has a number of its own.
    mutating func append(_ rows: Range<Int>, of batch: SampleBatch, user: Int) throws(StageError) {
        guard labels.count + rows.count <= limit,
            zip(features, batch.features).allSatisfy({ $0.fits(rows, of: $1, limit: limit) })
        else {
            throw StageError(
                .data,
                "the samples to train on do not fit: \(limit) rows, and ids in lists of one feature, are the most",
                advice: "train on fewer samples or shorter lists")
        }
        let first = labels.count
        labels.append(contentsOf: batch.labels[rows])
        for index in features.indices { features[index].append(contentsOf: rows, of: batch.features[index]) }
        // The rest of a user who spans batches.
        let start = lastUser == user ? users.removeLast().lowerBound : first
        users.append(start..<labels.count)
        lastUser = user
    }
}
