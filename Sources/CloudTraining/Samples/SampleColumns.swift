import CTRModels
import Samples

/// Samples as a model reads them: label and one column a field; for validation also whose they are.
struct SampleColumns: Sendable {
    /// Label a row.
    private(set) var labels: [Float] = []
    /// A number a row that changes where another user begins; empty where nobody asks.
    private(set) var users: [UInt32] = []
    /// One column a field.
    private(set) var columns: [FeatureColumn]

    /// No rows.
    init(_ kinds: [SampleSchema.Kind]) {
        columns = kinds.map { FeatureColumn($0) }
    }

    /// Whole columns of one length; `users` may be empty.
    init(labels: [Float], users: [UInt32] = [], columns: [FeatureColumn]) {
        self.labels = labels
        self.users = users
        self.columns = columns
    }

    /// Number of rows.
    var count: Int { labels.count }

    /// Bytes held.
    var byteCount: Int { 4 * (labels.count + users.count) + columns.reduce(0) { $0 + $1.byteCount } }

    /// Appends rows that all are `user`'s.
    mutating func append(contentsOf rows: Range<Int>, of other: SampleColumns, user: UInt32) throws(StageError) {
        try requireRoom(for: rows, of: other)
        labels.append(contentsOf: other.labels[rows])
        users.append(contentsOf: repeatElement(user, count: rows.count))
        for index in columns.indices { columns[index].append(contentsOf: rows, of: other.columns[index]) }
    }

    /// Appends the rows named by `rows`, in that order.
    mutating func append(gathering rows: ArraySlice<UInt32>, of other: SampleColumns) throws(StageError) {
        try requireRoom(for: 0..<other.count, of: other)
        labels.reserveCapacity(labels.count + rows.count)
        for row in rows { labels.append(other.labels[Int(row)]) }
        for index in columns.indices { columns[index].append(gathering: rows, of: other.columns[index]) }
    }

    private func requireRoom(for rows: Range<Int>, of other: SampleColumns) throws(StageError) {
        guard zip(columns, other.columns).allSatisfy({ $0.fits(rows, of: $1) }) else {
            throw StageError(
                .data, "lists of samples that are trained on together hold more than \(SampleBatch.columnLimit) ids",
                advice: "train on shorter lists, or with a smaller batch_size")
        }
    }

    /// As the model reads them; no copy.
    var input: ModelInput {
        ModelInput(
            count: count,
            columns: columns.map { column in
                switch column {
                case .categorical(let ids): .categorical(ids)
                case .dense(let values): .dense(values)
                case .multivalued(let lists): .multivalued(offsets: lists.offsets, ids: lists.values)
                }
            })
    }
}
