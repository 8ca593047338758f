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
        }

        /// How a tensor starts.
        enum Start: Sendable, Hashable {
            case zero
            /// Evenly in ±bound.
            case uniform(bound: Double)
            case normal(standardDeviation: Double)
        }

        /// The name, unique in a model: `mlp.0.weight`.
        public let name: String
        /// Where it is.
        public let place: Place
        let start: Start

        /// The shape, outermost dimension first, where tables have these numbers of rows.
        func shape(tableRows: [Int]) -> [Int] {
            switch place {
            case .dense(_, let shape): shape
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

    /// Declares a dense tensor; gives its range in the dense vector.
    mutating func addDense(_ name: String, shape: [Int], start: Tensor.Start) -> Range<Int> {
        let range = denseCount..<denseCount + shape.reduce(1, *)
        denseCount = range.upperBound
        tensors.append(Tensor(name: name, place: .dense(range, shape: shape), start: start))
        return range
    }

    /// Declares a table whose rows hold these tensors' columns side by side; gives its index. Columns of width 0 are left out.
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
}
