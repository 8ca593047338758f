import Samples

/// The features that go with each item: those of its first sample in the store that the cloud may see.
struct ItemFeatures: Sendable {
    /// The features' places in the samples' schema.
    let columns: [Int]

    private let item: Int
    /// Of each item the row of `values`.
    private var rows: [UInt32: Int] = [:]
    /// A column a feature.
    private var values: [FeatureColumn]

    /// Nothing yet.
    init(_ schema: SampleSchema, item: Int, columns: [Int]) {
        self.item = item
        self.columns = columns
        values = columns.map { FeatureColumn(schema.features[$0].kind) }
    }

    /// Takes in the next rows of the store that the cloud may see. Throws `data` for what no column holds.
    mutating func add(_ batch: SampleBatch, isCloud: (Int) -> Bool) throws(StageError) {
        guard !columns.isEmpty, case .categorical(let items) = batch.features[item] else { return }
        for row in items.indices where isCloud(row) {
            guard rows[items[row]] == nil else { continue }
            for index in columns.indices {
                guard values[index].fits(row..<row + 1, of: batch.features[columns[index]]) else {
                    throw StageError(.data, "the items' features are too many to hold")
                }
                values[index].append(contentsOf: row..<row + 1, of: batch.features[columns[index]])
            }
            rows[items[row]] = values[0].count - 1
        }
    }

    /// Appends one feature of an item to a column.
    func append(_ index: Int, of id: UInt32, to column: inout FeatureColumn) {
        guard let row = rows[id] else { preconditionFailure("an item was drawn that no sample has") }
        column.append(contentsOf: row..<row + 1, of: values[index])
    }
}
