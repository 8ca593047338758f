/// Which named tensor of a model stands where in its `Parameters`; names are those of a PyTorch state dict.
public struct ParameterLayout: Sendable, Hashable {
    /// One named tensor.
    public struct Tensor: Sendable, Hashable {
        /// Where a tensor's numbers are.
        public enum Place: Sendable, Hashable {
            /// A range of the dense vector, row-major in `shape`.
            case dense(Range<Int>, shape: [Int])
            /// Some columns of every row of a table.
            case table(index: Int, columns: Range<Int>)
            /// A range of the buffers: numbers that training follows but no optimiser moves.
            case buffer(Range<Int>)
        }

        /// How a tensor starts.
        enum Start: Sendable, Hashable {
            case zero
            case constant(Float)
            /// Evenly in ±bound.
            case uniform(bound: Double)
            case normal(standardDeviation: Double)
        }

        /// The name, unique in a model: `mlp.0.weight`.
        public let name: String
        /// Where it is.
        public let place: Place
        let start: Start

        /// Whether an optimiser moves it: all but buffers.
        public var isLearned: Bool { if case .buffer = place { false } else { true } }

        /// The shape, outermost dimension first, where tables have these numbers of rows.
        func shape(tableRows: [Int]) -> [Int] {
            switch place {
            case .dense(_, let shape): shape
            case .buffer(let range): [range.count]
            case .table(let index, let columns): [tableRows[index], columns.count]
            }
        }
    }

    /// All tensors, in the order in which the model declares them.
    public private(set) var tensors: [Tensor] = []
    /// Numbers in the dense vector.
    public private(set) var denseCount = 0
    /// Numbers a row of each table.
    public private(set) var tableWidths: [Int] = []
    /// Numbers in the buffers.
    public private(set) var bufferCount = 0
    /// All running statistics, in the order in which the model declares them.
    private(set) var runningStatistics: [RunningStatistics] = []

    /// The mean and variance of some units' outputs over past batches, for Dice.
    struct RunningStatistics: Sendable, Hashable {
        /// In the buffers.
        let mean: Range<Int>
        let variance: Range<Int>
        /// Where a gradient keeps what its passes saw: rows, Σ s a unit, Σ s² a unit.
        let observed: Range<Int>
    }

    /// Where what is added to the logit as it is lies in the dense vector.
    private(set) var outputRanges: [Range<Int>] = []
    /// Where the bias lies, the one number of every model that is added to each logit.
    private(set) var biasRange = 0..<0

    /// Where the weights lie that are declared as products', in order.
    private(set) var productRanges: [Range<Int>] = []

    /// Numbers that a gradient keeps of what its passes saw.
    var observedCount: Int { runningStatistics.last?.observed.upperBound ?? 0 }

    /// Declares a dense tensor; gives its range in the dense vector. What an output multiplies, or is, is added to the
    /// logit.
    mutating func addDense(
        _ name: String, shape: [Int], start: Tensor.Start, isOutput: Bool = false
    ) -> Range<Int> {
        let range = denseCount..<denseCount + shape.reduce(1, *)
        denseCount = range.upperBound
        if isOutput { outputRanges.append(range) }
        tensors.append(Tensor(name: name, place: .dense(range, shape: shape), start: start))
        return range
    }

    /// Declares a weight to whose gradient every pass adds one matrix product, which fills it, and nothing else; gives its
    /// range in the dense vector and its place among the products.
    mutating func addProductWeight(
        _ name: String, shape: [Int], start: Tensor.Start
    ) -> (range: Range<Int>, product: Int) {
        productRanges.append(addDense(name, shape: shape, start: start))
        return (productRanges[productRanges.count - 1], productRanges.count - 1)
    }

    /// Declares the bias, once a model; gives its place in the dense vector.
    mutating func addBias() -> Int {
        precondition(biasRange.isEmpty, "a model has one bias")
        biasRange = addDense("bias", shape: [1], start: .zero, isOutput: true)
        return biasRange.lowerBound
    }

    /// Declares a table whose rows hold these tensors' columns side by side; gives its index. Columns of width 0 are
    /// left out.
    mutating func addTable(_ columns: [(name: String, width: Int, start: Tensor.Start)]) -> Int {
        var width = 0
        for column in columns where column.width > 0 {
            let place = Tensor.Place.table(index: tableWidths.count, columns: width..<width + column.width)
            tensors.append(Tensor(name: column.name, place: place, start: column.start))
            width += column.width
        }
        tableWidths.append(width)
        return tableWidths.count - 1
    }

    /// Declares `<name>.running_mean`, which starts at 0, and `<name>.running_var`, which starts at 1.
    mutating func addRunningStatistics(_ name: String, width: Int) -> RunningStatistics {
        let statistics = RunningStatistics(
            mean: bufferCount..<bufferCount + width, variance: bufferCount + width..<bufferCount + 2 * width,
            observed: observedCount..<observedCount + 2 * width + 1)
        tensors.append(Tensor(name: "\(name).running_mean", place: .buffer(statistics.mean), start: .zero))
        tensors.append(Tensor(name: "\(name).running_var", place: .buffer(statistics.variance), start: .constant(1)))
        bufferCount += 2 * width
        runningStatistics.append(statistics)
        return statistics
    }
}
