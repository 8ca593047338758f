import CKernels

/// All learned numbers of a model: a flat vector of dense ones, and one table a field of ids.
public struct Parameters: Sendable, Hashable {
    /// Which named tensor stands where.
    public let layout: ParameterLayout
    /// The dense tensors end to end; every step moves all of them.
    public var dense: [Float]
    /// The tables of the fields that have one, in field order; a step moves the rows that its batch touches.
    public var tables: [EmbeddingTable]
    /// Running statistics end to end; a training step follows its batch with them.
    public var buffers: [Float]

    /// Zeros for `layout`, with as many rows a table as `tableRows` says.
    init(layout: ParameterLayout, tableRows: [Int]) {
        self.layout = layout
        dense = [Float](repeating: 0, count: layout.denseCount)
        tables = zip(tableRows, layout.tableWidths).map { EmbeddingTable(rows: $0, width: $1) }
        buffers = [Float](repeating: 0, count: layout.bufferCount)
    }

    /// The same dense parameters and buffers with other tables.
    init(_ parameters: Parameters, tables: [EmbeddingTable]) {
        layout = parameters.layout
        dense = parameters.dense
        buffers = parameters.buffers
        self.tables = tables
    }

    /// The shape of one of the layout's tensors, outermost dimension first.
    public func shape(of tensor: ParameterLayout.Tensor) -> [Int] {
        tensor.shape(tableRows: tables.map(\.rows))
    }

    /// A copy of one of the layout's tensors, row-major.
    public func values(of tensor: ParameterLayout.Tensor) -> [Float] {
        switch tensor.place {
        case .dense(let range, _): return Array(dense[range])
        case .buffer(let range): return Array(buffers[range])
        case .table(let index, let columns):
            var result: [Float] = []
            result.reserveCapacity(tables[index].rows * columns.count)
            for row in 0..<tables[index].rows { result += tables[index][row, columns] }
            return result
        }
    }

    /// The one number that is added to every logit.
    public var bias: Float {
        get { dense[layout.biasRange.lowerBound] }
        set { dense[layout.biasRange.lowerBound] = newValue }
    }

    /// Whether every number is. Cost: one pass over all of them.
    public var areFinite: Bool {
        dense.areFinite && buffers.areFinite && tables.allSatisfy(\.values.areFinite)
    }

    /// Traps unless every buffer has the size that the kernels rely on. Cost: O(tables).
    func check() {
        precondition(dense.count == layout.denseCount, "the dense parameters have lost their size")
        precondition(buffers.count == layout.bufferCount, "the buffers have lost their size")
        precondition(tables.count == layout.tableWidths.count, "a table is missing")
        for index in tables.indices {
            precondition(
                tables[index].width == layout.tableWidths[index]
                    && tables[index].values.count == tables[index].rows * tables[index].width,
                "a table has lost its size")
        }
    }

    /// Runs `body` on the dense parameters' memory.
    @inline(__always)
    func withDense<Result>(_ body: (UnsafePointer<Float>) -> Result) -> Result {
        dense.withUnsafeBufferPointer { dense in
            // Every model has a bias.
            guard let dense = dense.baseAddress else { preconditionFailure("a model without dense parameters") }
            return body(dense)
        }
    }
}

extension [Float] {
    fileprivate var areFinite: Bool {
        withUnsafeBufferPointer { values in
            values.baseAddress.map { Kernels.best.pointee.are_finite($0, values.count) } ?? true
        }
    }
}
