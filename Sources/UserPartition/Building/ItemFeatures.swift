import Samples

/// The features that go with each item: those of its first sample in the store that the cloud may see.
struct ItemFeatures: Sendable {
    /// The features' places in the samples' schema.
    let columns: [Int]

    private let item: Int
    /// Of each item the row of `values`, from 1; 0 where it was not seen.
    private var rows: [UInt32] = []
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
            let id = Int(items[row])
            if id >= rows.count { rows.append(contentsOf: repeatElement(0, count: max(1024, id * 2) - rows.count)) }
            guard rows[id] == 0 else { continue }
            for index in columns.indices {
                guard values[index].fits(row..<row + 1, of: batch.features[columns[index]]) else {
                    throw StageError(.data, "the items' features are too many to hold")
                }
                values[index].append(contentsOf: row..<row + 1, of: batch.features[columns[index]])
            }
            rows[id] = UInt32(values[0].count)
        }
    }

    /// Appends one feature of an item to a column.
    func append(_ index: Int, of id: UInt32, to column: inout FeatureColumn) {
        let row = Int(rows[Int(id)]) - 1
        column.append(contentsOf: row..<row + 1, of: values[index])
    }
}
