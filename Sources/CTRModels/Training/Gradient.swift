/// The gradient of a loss by every parameter: dense ones in full, tables by touched rows.
///
/// Passes add to it; `clear()` it between steps. One gradient serves many models in turn: see `reset(for:)`.
public struct Gradient: Sendable {
    /// By the dense parameters, in the order of `Parameters.dense`.
    public internal(set) var dense: [Float]
    /// By the tables, in the order of `Parameters.tables`.
    public internal(set) var tables: [TableGradient]

    /// Zeros for `model`. Memory: the dense parameters, four bytes a table row, and the rows touched.
    public init(for model: CTRModel) {
        dense = [Float](repeating: 0, count: model.parameters.dense.count)
        tables = model.parameters.tables.map(TableGradient.init)
    }

    /// Back to zeros. Cost: the dense parameters and the touched rows, however large the tables.
    public mutating func clear() {
        VectorKernels.zero(&dense)
        for index in tables.indices { tables[index].clear() }
    }

    /// Zeros for another model, perhaps of other sizes; allocates only to grow.
    public mutating func reset(for model: CTRModel) {
        VectorKernels.zero(&dense, count: model.parameters.dense.count)
        let modelTables = model.parameters.tables
        if tables.count > modelTables.count { tables.removeLast(tables.count - modelTables.count) }
        for index in tables.indices { tables[index].reset(for: modelTables[index]) }
        for index in tables.count..<modelTables.count { tables.append(TableGradient(for: modelTables[index])) }
    }

    /// Adds the gradient of another part of the batch. Adding parts in a fixed order gives the same bits each time.
    public mutating func add(_ other: Gradient) {
        precondition(dense.count == other.dense.count && tables.count == other.tables.count, "gradients of two models")
        dense.withUnsafeMutableBufferPointer { sum in
            other.dense.withUnsafeBufferPointer { part in
                guard let sum = sum.baseAddress, let part = part.baseAddress else { return }
                VectorKernels.add(part, scaledBy: 1, to: sum, count: other.dense.count)
            }
        }
        for index in tables.indices { tables[index].add(other.tables[index]) }
    }

    /// Traps unless it is of the size of `parameters`. Cost: O(tables).
    func check(against parameters: Parameters) {
        precondition(dense.count == parameters.dense.count, "a gradient of another model")
        precondition(tables.count == parameters.tables.count, "a gradient of another model")
        for index in tables.indices {
            precondition(
                tables[index].tableRows == parameters.tables[index].rows
                    && tables[index].width == parameters.tables[index].width, "a gradient of another model")
        }
    }
}
