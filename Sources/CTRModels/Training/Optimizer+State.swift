extension Optimizer {
    /// Part of an optimiser's state as a named tensor: one number for every number of one of the model's tensors.
    public struct StateTensor: Sendable, Hashable {
        /// The model's tensor and torch.optim's name of the state: `mlp.0.weight.exp_avg`.
        public let name: String
        /// The shape, that of the model's tensor.
        public let shape: [Int]
        fileprivate let place: ParameterLayout.Tensor.Place
        /// Which of the numbers that are kept of a parameter.
        fileprivate let kind: Int

        /// Numbers a row: of a table its columns; a dense tensor is one row.
        public var rowWidth: Int {
            switch place {
            case .dense(let range, _), .buffer(let range): range.count
            case .table(_, let columns): columns.count
            }
        }

        /// Number of rows.
        public var rows: Int {
            switch place {
            case .dense, .buffer: 1
            case .table: shape[0]
            }
        }
    }

    /// All state for `model`, which this was made or reset for, beside `steps`: none for SGD, `sum` for Adagrad,
    /// `exp_avg` and `exp_avg_sq` for Adam.
    public func stateTensors(for model: CTRModel) -> [StateTensor] {
        let parameters = model.parameters
        checkState(against: parameters)
        return method.stateNames.indices.flatMap { kind in
            parameters.layout.tensors.filter(\.isLearned).map { tensor in
                StateTensor(
                    name: "\(tensor.name).\(method.stateNames[kind])", shape: parameters.shape(of: tensor),
                    place: tensor.place, kind: kind)
            }
        }
    }

    /// One row of a state tensor; no copy.
    public func state(_ tensor: StateTensor, row: Int) -> ArraySlice<Float> {
        switch tensor.place {
        case .dense(let range, _):
            let start = tensor.kind * (dense.count / stateWidth)
            return dense[start + range.lowerBound..<start + range.upperBound]
        case .table(let index, let columns):
            let start = rowStart(tensor, table: index, row: row)
            return tables[index][start + columns.lowerBound..<start + columns.upperBound]
        case .buffer: preconditionFailure("buffers have no state")
        }
    }

    /// Puts back what `state(_:row:)` gave for some rows of a tensor, end to end, from `row` on.
    public mutating func setState(_ tensor: StateTensor, row: Int, to values: ArraySlice<Float>) {
        precondition(values.count % tensor.rowWidth == 0, "state is put back by whole rows")
        precondition(row >= 0 && row + values.count / tensor.rowWidth <= tensor.rows, "a row outside the tensor")
        switch tensor.place {
        case .dense(let range, _):
            let start = tensor.kind * (dense.count / stateWidth)
            for (index, value) in zip(range, values) { dense[start + index] = value }
        case .table(let index, let columns):
            var place = values.startIndex
            for row in row..<row + values.count / columns.count {
                let start = rowStart(tensor, table: index, row: row)
                for column in columns {
                    tables[index][start + column] = values[place]
                    place += 1
                }
            }
        case .buffer: preconditionFailure("buffers have no state")
        }
    }

    /// Where the state of one kind of a table's row begins: a row's numbers stand together, kind after kind.
    private func rowStart(_ tensor: StateTensor, table index: Int, row: Int) -> Int {
        let width = tables[index].count / stateWidth / tensor.shape[0]
        return (row * stateWidth + tensor.kind) * width
    }
}
