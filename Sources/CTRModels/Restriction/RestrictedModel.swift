/// A small copy of a model for one user: the dense parameters, and of each table only the rows that some samples name.
///
/// Its cost depends on the samples, not on the size of the tables. Logits and gradients for those samples are the full
/// model's, bit for bit.
public struct RestrictedModel: Sendable {
    /// The copy, to be tuned. Its tables hold row 0 and the named rows in order of first appearance.
    public var model: CTRModel
    /// The samples with the copy's ids.
    public let input: ModelInput
    /// One a table.
    private let indexes: [IDIndex]

    init(_ full: CTRModel, to input: ModelInput, rows: Range<Int>) {
        input.check(against: full.architecture.fields)
        full.checkParameters()
        precondition(rows.lowerBound >= 0 && rows.upperBound <= input.count, "a row outside the input")
        let tableIndexes = full.architecture.tableIndexes
        // A table may serve several columns: a field's own and a history of it.
        var idCounts = full.parameters.tables.map { _ in 0 }
        for (column, table) in zip(input.columns, tableIndexes) {
            if let table { idCounts[table] += column.idCount(in: rows) }
        }
        var indexes = zip(idCounts, full.parameters.tables).map { IDIndex(capacity: min($0, $1.rows)) }
        let columns = zip(input.columns, tableIndexes).map { column, table in
            guard let table else { return column.slice(rows) { $0 } }
            let count = full.parameters.tables[table].rows
            return column.slice(rows) { Int($0) < count ? indexes[table].insert($0) : 0 }
        }
        var architecture = full.architecture
        for (field, table) in tableIndexes.enumerated() where architecture.fields[field].hasTable {
            if let table { architecture.fields[field].rows = indexes[table].ids.count }
        }
        model = CTRModel(
            full, architecture: architecture,
            tables: zip(full.parameters.tables, indexes).map { $0.selecting($1.ids) })
        self.input = ModelInput(count: rows.count, columns: columns)
        self.indexes = indexes
    }

    /// For each table, the full model's id of each of the copy's rows; row 0 stands for id 0.
    public var tableIDs: [[UInt32]] { indexes.map(\.ids) }

    /// Other samples with the copy's ids. An id that the copy does not hold becomes 0, missing: to score samples as the full
    /// model would, restrict to them too.
    public func restricting(_ other: ModelInput) -> ModelInput {
        other.check(against: model.architecture.fields)
        return ModelInput(
            count: other.count,
            columns: zip(other.columns, model.architecture.tableIndexes).map { column, table in
                guard let table else { return column }
                return column.slice(0..<other.count) { indexes[table].row(of: $0) }
            })
    }

    /// Puts the copy's weights into the model that it was taken from: all dense parameters and the copy's rows.
    public func write(to full: inout CTRModel) {
        precondition(full.parameters.layout == model.parameters.layout, "a model of another architecture")
        full.parameters.dense = model.parameters.dense
        full.parameters.buffers = model.parameters.buffers
        for (index, table) in model.parameters.tables.enumerated() {
            for (row, id) in indexes[index].ids.enumerated().dropFirst() {
                let start = Int(id) * table.width
                full.parameters.tables[index].values.replaceSubrange(start..<start + table.width, with: table[row])
            }
        }
    }
}

extension CTRModel {
    /// A copy that holds only what the given rows of `input` (nil: all) need. Cost: those rows and the dense parameters.
    public func restricted(to input: ModelInput, rows: Range<Int>? = nil) -> RestrictedModel {
        RestrictedModel(self, to: input, rows: rows ?? 0..<input.count)
    }
}

extension EmbeddingTable {
    /// The rows of `ids` in that order, each inside the table.
    fileprivate func selecting(_ ids: [UInt32]) -> EmbeddingTable {
        let count = ids.count * width
        let selected = [Float](unsafeUninitializedCapacity: count) { selected, initialized in
            values.withUnsafeBufferPointer { values in
                for (row, id) in ids.enumerated() {
                    let source = UnsafeBufferPointer(rebasing: values[Int(id) * width..<(Int(id) + 1) * width])
                    _ = selected[row * width..<(row + 1) * width].initialize(fromContentsOf: source)
                }
            }
            initialized = count
        }
        return EmbeddingTable(rows: ids.count, width: width, values: selected)
    }
}

extension ModelInput.Column {
    /// Ids in some rows.
    fileprivate func idCount(in rows: Range<Int>) -> Int {
        switch self {
        case .categorical: rows.count
        case .multivalued(let offsets, _): Int(offsets[rows.upperBound] - offsets[rows.lowerBound])
        case .dense: 0
        }
    }

    /// Some rows, every id replaced by what `transform` makes of it.
    fileprivate func slice(_ rows: Range<Int>, _ transform: (UInt32) -> UInt32) -> ModelInput.Column {
        switch self {
        case .categorical(let ids): return .categorical(ids[rows].map(transform))
        case .multivalued(let offsets, let ids):
            let first = offsets[rows.lowerBound]
            return .multivalued(
                offsets: offsets[rows.lowerBound...rows.upperBound].map { $0 - first },
                ids: ids[Int(first)..<Int(offsets[rows.upperBound])].map(transform))
        case .dense(let values): return .dense(Array(values[rows]))
        }
    }
}
