/// The gradient of a loss by every parameter: dense ones in full, tables by touched rows.
///
/// Passes add to it; `clear()` it between steps. One gradient serves many models in turn: see `reset(for:)`.
public struct Gradient: Sendable {
    /// By the dense parameters, in the order of `Parameters.dense`.
    public internal(set) var dense: [Float]
    /// By the tables, in the order of `Parameters.tables`.
    public internal(set) var tables: [TableGradient]
    /// What training passes saw of the units that are normalised; see `ParameterLayout.RunningStatistics`.
    var observed: [Double]
    /// For each of the layout's product weights, whether its numbers mean nothing yet, and stand for zeros.
    private var isUnset: [Bool]

    /// Zeros for `model`. Memory: the dense parameters and the rows touched.
    public init(for model: CTRModel) {
        dense = [Float](repeating: 0, count: model.parameters.dense.count)
        tables = model.parameters.tables.map(TableGradient.init)
        observed = [Double](repeating: 0, count: model.parameters.layout.observedCount)
        isUnset = model.parameters.layout.productRanges.map { _ in false }
    }

    /// Runs `body` on the dense gradient's memory.
    @inline(__always)
    mutating func withDense<Result>(_ body: (UnsafeMutablePointer<Float>) -> Result) -> Result {
        dense.withUnsafeMutableBufferPointer { dense in
            // Every model has a bias.
            guard let dense = dense.baseAddress else { preconditionFailure("a gradient of no model") }
            return body(dense)
        }
    }

    /// Back to zeros. Cost: the dense parameters and the touched rows, however large the tables.
    public mutating func clear() {
        VectorKernels.zero(&dense)
        for index in observed.indices { observed[index] = 0 }
        for index in tables.indices { tables[index].clear() }
    }

    /// Zeros, but for the weights of `layout` that products fill: theirs are yet to be `set` or `settled`.
    mutating func clearForProducts(_ layout: ParameterLayout) {
        withDense { slopes in
            var end = 0
            for range in layout.productRanges {
                (slopes + end).update(repeating: 0, count: range.lowerBound - end)
                end = range.upperBound
            }
            (slopes + end).update(repeating: 0, count: layout.denseCount - end)
        }
        for index in isUnset.indices { isUnset[index] = true }
        for index in observed.indices { observed[index] = 0 }
        for index in tables.indices { tables[index].clear() }
    }

    /// Runs `body` on the gradient by a product weight, and what the product is to be added to.
    @inline(__always)
    mutating func withProduct(
        _ product: Int, of weight: Range<Int>,
        _ body: (_ slopes: UnsafeMutablePointer<Float>, _ start: MatrixProduct.Start) -> Void
    ) {
        let isFirst = isUnset[product]
        isUnset[product] = false
        withDense { body($0 + weight.lowerBound, isFirst ? .zeros : .result) }
    }

    /// Zeros by the product weights that no pass came to.
    mutating func settle(_ layout: ParameterLayout) {
        for (product, range) in layout.productRanges.enumerated() where isUnset[product] {
            withDense { ($0 + range.lowerBound).update(repeating: 0, count: range.count) }
            isUnset[product] = false
        }
    }

    /// Zeros for another model, perhaps of other sizes; allocates only to grow.
    public mutating func reset(for model: CTRModel) {
        resize(for: model)
        VectorKernels.zero(&dense)
    }

    /// Of another model's sizes. By dense parameters it is of no use until a pass replaces what it holds.
    package mutating func resize(for model: CTRModel) {
        let layout = model.parameters.layout
        if dense.count != layout.denseCount { VectorKernels.zero(&dense, count: layout.denseCount) }
        if isUnset.count != layout.productRanges.count { isUnset = layout.productRanges.map { _ in false } }
        observed.removeAll(keepingCapacity: true)
        observed.append(contentsOf: repeatElement(0, count: layout.observedCount))
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
        for index in observed.indices { observed[index] += other.observed[index] }
    }

    /// Adds strength · (w − origin): the gradient of strength / 2 · ‖w − origin‖², for all dense parameters and the
    /// rows that are in this.
    package mutating func addPull(
        of parameters: Parameters, towards origin: Parameters, strength: Float
    ) {
        check(against: parameters)
        check(against: origin)
        withDense { slopes in
            parameters.withDense { weights in
                origin.withDense { origin in
                    VectorKernels.add(
                        weights, less: origin, scaledBy: strength, to: slopes, count: parameters.dense.count)
                }
            }
        }
        for index in tables.indices {
            tables[index].addPull(
                of: parameters.tables[index], towards: origin.tables[index], strength: strength)
        }
    }

    /// Traps unless it is of the size of `parameters`. Cost: O(tables).
    func check(against parameters: Parameters) {
        precondition(dense.count == parameters.dense.count, "a gradient of another model")
        precondition(observed.count == parameters.layout.observedCount, "a gradient of another model")
        precondition(
            tables.count == parameters.tables.count && isUnset.count == parameters.layout.productRanges.count,
            "a gradient of another model")
        for index in tables.indices {
            precondition(
                tables[index].tableRows == parameters.tables[index].rows
                    && tables[index].width == parameters.tables[index].width, "a gradient of another model")
        }
    }
}
