import Samples

/// One batch's columns on the way into typed, null-free arrays. Types were checked with the schema; what rows hold is
/// checked here.
struct StreamColumns {
    private let batch: ArrowBatch
    private let rowsBefore: Int
    private let position: SourcePosition

    /// The columns of a batch that stands at `position`, after `rowsBefore` rows of the stream.
    init(_ batch: ArrowBatch, rowsBefore: Int, at position: SourcePosition) {
        self.batch = batch
        self.rowsBefore = rowsBefore
        self.position = position
    }

    func keys(_ index: Int) throws(StageError) -> KeyColumn {
        switch try values(index) {
        case .int64(let values): .integers(values)
        case .text(let values): .text(values)
        default: throw mistyped(index)
        }
    }

    func int64s(_ index: Int) throws(StageError) -> [Int64] {
        guard case .int64(let values) = try values(index) else { throw mistyped(index) }
        return values
    }

    func uint32s(_ index: Int) throws(StageError) -> [UInt32] {
        guard case .uint32(let values) = try values(index) else { throw mistyped(index) }
        return values
    }

    func bools(_ index: Int) throws(StageError) -> [Bool] {
        guard case .bool(let values) = try values(index) else { throw mistyped(index) }
        return values
    }

    func floats(_ index: Int) throws(StageError) -> [Float] {
        guard case .float32(let values) = try values(index) else { throw mistyped(index) }
        return values
    }

    func doubles(_ index: Int) throws(StageError) -> [Double] {
        guard case .float64(let values) = try values(index) else { throw mistyped(index) }
        return values
    }

    /// Labels: finite.
    func labels(_ index: Int) throws(StageError) -> [Float] {
        let labels = try floats(index)
        if let row = labels.firstIndex(where: { !$0.isFinite }) {
            throw fault(index, "is \(labels[row]), where a finite label must be", row: row)
        }
        return labels
    }

    func isNull(_ index: Int, row: Int) -> Bool { batch.columns[index].isNull(row) }

    /// Throws unless every row is null, as the rows before are.
    func requireNulls(_ index: Int) throws(StageError) {
        let column = batch.columns[index]
        if let row = (0..<batch.count).first(where: { !column.isNull($0) }) {
            throw fault(index, "has a value, as no earlier row does,", row: row)
        }
    }

    /// Parts, from a dictionary or from plain text.
    func parts(_ index: Int) throws(StageError) -> [Part] {
        switch try values(index) {
        case .dictionary(let indices, let column):
            guard case .text(let names) = column.values else { throw mistyped(index) }
            let known = (0..<names.count).map { Part(name: names.utf8($0)) }
            let parts = indices.compactMap { known[Int($0)] }
            return try whole(parts, index) {
                names[Int(indices[$0])]
            } isKnown: {
                known[Int(indices[$0])] != nil
            }
        case .text(let names):
            let parts = (0..<names.count).compactMap { Part(name: names.utf8($0)) }
            return try whole(parts, index) {
                names[$0]
            } isKnown: {
                Part(name: names.utf8($0)) != nil
            }
        default: throw mistyped(index)
        }
    }

    /// Lists of ids.
    func lists(_ index: Int) throws(StageError) -> ListColumn {
        guard case .list(let offsets, let items) = try values(index) else { throw mistyped(index) }
        guard case .uint32(let ids) = items.values else { throw mistyped(index) }
        if let validity = items.validity, let place = validity.firstIndex(of: false) {
            let row = offsets.firstIndex { $0 > place } ?? 1
            throw fault(index, "has a null in its list", row: row - 1)
        }
        return ListColumn(offsets: offsets, values: ids)
    }

    /// Ids up to `limit`; nil sets none.
    func ids(_ index: Int, _ ids: [UInt32], atMost limit: UInt32?) throws(StageError) {
        guard let limit, let largest = ids.max(), largest > limit else { return }
        throw fault(index, "holds the id \(largest), beyond its hash size of \(limit)", row: nil)
    }

    /// The parts, if there is one for every row; else an error that names the first row without.
    private func whole(
        _ parts: [Part], _ index: Int, name: (Int) -> String, isKnown: (Int) -> Bool
    ) throws(StageError) -> [Part] {
        guard parts.count < batch.count, let row = (0..<batch.count).first(where: { !isKnown($0) }) else {
            return parts
        }
        throw fault(index, "is `\(name(row))`; parts are train, validation and test", row: row)
    }

    /// A column's values, if none is null.
    private func values(_ index: Int) throws(StageError) -> ArrowColumn.Values {
        let column = batch.columns[index]
        var hasNulls = column.validity != nil
        if case .dictionary(_, let values) = column.values { hasNulls = hasNulls || values.nullCount > 0 }
        if hasNulls, let row = (0..<batch.count).first(where: { column.isNull($0) }) {
            throw fault(index, "is null", row: row)
        }
        return column.values
    }

    /// An error about a column, with the row counted from 1 over the whole stream.
    private func fault(_ index: Int, _ text: String, row: Int?) -> StageError {
        let place = row.map { " in row \(rowsBefore + $0 + 1)" } ?? ""
        return StageError(.data, "column `\(batch.schema.fields[index].name)` \(text)\(place)", at: position)
    }

    private func mistyped(_ index: Int) -> StageError {
        fault(index, "does not hold what its type \(batch.schema.fields[index].type) says", row: nil)
    }
}
