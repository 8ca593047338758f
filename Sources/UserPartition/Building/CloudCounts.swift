import Samples

/// What is counted, feature by feature, of the samples of one bucket that the cloud may see.
struct CloudCounts: Sendable {
    /// How often ids stand in them, and in what was counted before: of the stored features, then of histories.
    private(set) var counters: [TrainCounter]
    /// Moments of the stored features that are dense, of this bucket alone: they are added up in the buckets' order.
    private(set) var moments: [DenseMoments]

    private let historyColumns: [Int]
    /// The features that are counted.
    private let columns: [Int]

    /// Counts on; `historyColumns` are the features that histories are made of. Of other features than `columns` nothing is
    /// counted; nil counts all.
    init(_ schema: SampleSchema, historyColumns: [Int], columns: [Int]? = nil, counters: [TrainCounter]) {
        self.historyColumns = historyColumns
        self.columns = columns ?? Array(schema.features.indices)
        self.counters = counters
        moments = Array(repeating: DenseMoments(), count: schema.features.count)
    }

    /// Counts a batch.
    mutating func add(_ batch: BatchCutter.Batch) {
        let samples = batch.samples
        for column in columns {
            let feature = samples.features[column]
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

    /// Gives the counters away: nothing is counted any more.
    mutating func takeCounters() -> [TrainCounter] {
        defer { counters = [] }
        return counters
    }
}
