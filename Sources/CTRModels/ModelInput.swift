/// Samples as a model reads them: one column a field, over `count` rows.
///
/// An id of 0, or one that its table does not have, is missing: it adds nothing to a logit and gets no gradient.
public struct ModelInput: Sendable, Hashable {
    /// One field's values.
    public enum Column: Sendable, Hashable {
        /// One id a row.
        case categorical([UInt32])
        /// Lists of ids end to end: row `i` is `ids[offsets[i]..<offsets[i + 1]]`. Histories too, oldest first; a row's
        /// histories are of one length.
        case multivalued(offsets: [Int32], ids: [UInt32])
        /// One finite number a row.
        case dense([Float])
    }

    /// Number of rows.
    public internal(set) var count: Int
    /// One column a field, in the architecture's order.
    public internal(set) var columns: [Column]

    /// An input over whole columns: each has `count` rows; offsets rise from 0 to the number of ids. Cost: one pass over
    /// the offsets, because the kernels rely on them.
    public init(count: Int, columns: [Column]) {
        precondition(count >= 0 && count <= Int(Int32.max))
        for column in columns {
            switch column {
            case .categorical(let ids): precondition(ids.count == count, "a column has too few or too many rows")
            case .dense(let values): precondition(values.count == count, "a column has too few or too many rows")
            case .multivalued(let offsets, let ids):
                precondition(offsets.count == count + 1, "a column has too few or too many rows")
                precondition(offsets.first == 0 && Int(offsets[count]) == ids.count, "offsets must span all ids")
                precondition(Self.neverFalls(offsets), "offsets must never fall")
            }
        }
        self.count = count
        self.columns = columns
    }

    /// No rows, for a model of an architecture.
    package static func empty(for architecture: Architecture) -> ModelInput {
        ModelInput(
            count: 0,
            columns: architecture.fields.map { field in
                switch field.kind {
                case .categorical: .categorical([])
                case .multivalued, .history: .multivalued(offsets: [0], ids: [])
                case .dense: .dense([])
                }
            })
    }

    private static func neverFalls(_ offsets: [Int32]) -> Bool {
        var result = true
        for index in 1..<max(1, offsets.count) { result = result && offsets[index - 1] <= offsets[index] }
        return result
    }

    /// Traps unless there is a column of the right kind for each of `fields`. Cost: O(fields).
    func check(against fields: [Architecture.Field]) {
        precondition(columns.count == fields.count, "an input has one column a field")
        for index in fields.indices {
            switch (columns[index], fields[index].kind) {
            case (.categorical, .categorical), (.multivalued, .multivalued), (.multivalued, .history), (.dense, .dense):
                break
            default: preconditionFailure("column \(index) is not of the kind that its field is")
            }
        }
    }
}
