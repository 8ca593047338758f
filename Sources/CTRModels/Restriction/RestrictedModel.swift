import CKernels

/// A small copy of a model for one user: the dense parameters, and of each table only the rows that some samples name.
///
/// Its cost depends on the samples, not on the size of the tables. Logits and gradients for those samples are the full
/// model's, bit for bit.
public struct RestrictedModel: Sendable {
    /// The copy, to be tuned. Its tables hold row 0 and the named rows in order of first appearance.
    public var model: CTRModel
    /// The samples with the copy's ids.
    public private(set) var input: ModelInput
    /// One a table.
    private var indexes: [IDIndex]
    /// The table that each column reads.
    private let tableIndexes: [Int?]

    init(_ full: CTRModel, to input: ModelInput, rows: Range<Int>) {
        tableIndexes = full.architecture.tableIndexes
        indexes = full.parameters.tables.map { _ in IDIndex() }
        self.input = .empty(for: full.architecture)
        model = CTRModel(
            full, architecture: full.architecture,
            tables: full.parameters.tables.map { EmbeddingTable(rows: 1, width: $0.width) })
        restrict(full, to: input, rows: rows)
    }

    /// Becomes the copy for other samples of the model that this was taken from; its memory is used again.
    package mutating func restrict(_ full: CTRModel, to input: ModelInput) {
        restrict(full, to: input, rows: 0..<input.count)
    }

    private mutating func restrict(_ full: CTRModel, to input: ModelInput, rows: Range<Int>) {
        input.check(against: full.architecture.fields)
        full.checkParameters()
        precondition(rows.lowerBound >= 0 && rows.upperBound <= input.count, "a row outside the input")
        for table in indexes.indices {
            // A table may serve several columns: a field's own and a history of it.
            var idCount = 0
            for (column, index) in zip(input.columns, tableIndexes) where index == table {
                idCount += column.idCount(in: rows)
            }
            indexes[table].clear(capacity: min(idCount, full.parameters.tables[table].rows))
        }
        self.input.count = rows.count
        for (column, table) in tableIndexes.enumerated() {
            self.input.columns[column].assign(input.columns[column], rows) { ids, result in
                guard let table else { return }
                indexes[table].insert(ids, below: full.parameters.tables[table].rows, into: &result)
            }
        }
        for (field, table) in tableIndexes.enumerated() where model.architecture.fields[field].hasTable {
            if let table { model.architecture.fields[field].rows = indexes[table].ids.count }
        }
        reset(to: full)
    }

    /// Takes the full model's weights again.
    package mutating func reset(to full: CTRModel) {
        precondition(full.parameters.layout == model.parameters.layout, "a model of another architecture")
        model.parameters.dense.assign(full.parameters.dense)
        model.parameters.buffers.assign(full.parameters.buffers)
        for (table, index) in indexes.enumerated() {
            model.parameters.tables[table].assign(rows: index.ids, of: full.parameters.tables[table])
        }
    }

    /// For each table, the full model's id of each of the copy's rows; row 0 stands for id 0.
    public var tableIDs: [[UInt32]] { indexes.map(\.ids) }

    /// Other samples with the copy's ids. An id that the copy does not hold becomes 0, missing: to score samples as the full
    /// model would, restrict to them too.
    public func restricting(_ other: ModelInput) -> ModelInput {
        other.check(against: model.architecture.fields)
        return ModelInput(
            count: other.count,
            columns: zip(other.columns, tableIndexes).map { column, table in
                guard let table else { return column }
                var restricted = column
                restricted.assign(column, 0..<other.count) { ids, result in
                    for id in ids { result.append(indexes[table].row(of: id)) }
                }
                return restricted
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

extension [Float] {
    /// Becomes equal to `other` in its own memory.
    fileprivate mutating func assign(_ other: [Float]) {
        removeAll(keepingCapacity: true)
        append(contentsOf: other)
    }
}

extension EmbeddingTable {
    /// Becomes the rows of `ids`, each inside `other`, in that order.
    fileprivate mutating func assign(rows ids: [UInt32], of other: EmbeddingTable) {
        rows = ids.count
        let (width, count) = (other.width, ids.count * other.width)
        if values.count > count { values.removeLast(values.count - count) }
        if values.count < count { values.append(contentsOf: repeatElement(0, count: count - values.count)) }
        values.withUnsafeMutableBufferPointer { values in
            other.values.withUnsafeBufferPointer { source in
                ids.withUnsafeBufferPointer { ids in
                    guard let values = values.baseAddress, let source = source.baseAddress, let first = ids.baseAddress
                    else { return }
                    Kernels.best.pointee.copy_rows(source, first, values, ids.count, width)
                }
            }
        }
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

    /// Becomes some rows of `other` in its own memory, ids replaced by those that `transform` appends for them.
    fileprivate mutating func assign(
        _ other: ModelInput.Column, _ rows: Range<Int>,
        _ transform: (_ ids: ArraySlice<UInt32>, _ result: inout [UInt32]) -> Void
    ) {
        switch (other, self) {
        case (.categorical(let ids), .categorical(var result)):
            // Taken out, so that it has one owner and keeps its memory.
            self = .dense([])
            result.removeAll(keepingCapacity: true)
            transform(ids[rows], &result)
            self = .categorical(result)
        case (.multivalued(let offsets, let ids), .multivalued(var resultOffsets, var result)):
            self = .dense([])
            let first = offsets[rows.lowerBound]
            resultOffsets.removeAll(keepingCapacity: true)
            for offset in offsets[rows.lowerBound...rows.upperBound] { resultOffsets.append(offset - first) }
            result.removeAll(keepingCapacity: true)
            transform(ids[Int(first)..<Int(offsets[rows.upperBound])], &result)
            self = .multivalued(offsets: resultOffsets, ids: result)
        case (.dense(let values), _): self = .dense(Array(values[rows]))
        default: preconditionFailure("ModelInput.check(against:) has compared the kinds")
        }
    }
}
