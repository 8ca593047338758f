import Samples

/// What is counted, feature by feature, of the samples that the cloud may see; adds up over buckets, in their order.
struct CloudCounts: Sendable {
    /// How often ids stand in them: of the stored features, then of histories.
    private(set) var counters: [TrainCounter]
    /// Moments of the stored features that are dense.
    private(set) var moments: [DenseMoments]

    private let historyColumns: [Int]

    /// Nothing yet; `historyColumns` are the features that histories are made of.
    init(_ schema: SampleSchema, historyColumns: [Int]) {
        self.historyColumns = historyColumns
        counters = Array(repeating: TrainCounter(), count: schema.features.count + historyColumns.count)
        moments = Array(repeating: DenseMoments(), count: schema.features.count)
    }

    /// Counts a batch.
    mutating func add(_ batch: BatchCutter.Batch) {
        let samples = batch.samples
        for (column, feature) in samples.features.enumerated() {
            counters[column].add(feature, labels: samples.labels, isCounted: batch.isCloud)
            if case .dense(let values) = feature { moments[column].add(values, isCounted: batch.isCloud) }
        }
        if historyColumns.isEmpty { return }
        let isInHistory = zip(batch.isPast, samples.labels).map { $0 && $1 == 1 }
        for (index, column) in historyColumns.enumerated() {
            counters[samples.features.count + index].add(
                samples.features[column], labels: samples.labels, isCounted: isInHistory)
        }
    }

    /// Adds what was counted in a later bucket.
    mutating func add(_ other: CloudCounts) {
        for index in counters.indices { counters[index].add(other.counters[index]) }
        for index in moments.indices { moments[index].add(other.moments[index]) }
    }
}
