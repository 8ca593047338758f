/// Makes one tensor by an expression; of shapes alone, or of numbers. No tensor on the way has more than `most`
/// numbers: each step is made of shapes first.
struct WeightEvaluation<Failure: Error> {
    /// The shape that is to be made.
    let target: [Int]
    /// The most numbers that a tensor may have.
    let most: Int
    /// The feature whose table it is; nil if it is none.
    let feature: String?
    /// What the rule's `*` stands for at the source; nil if it has none.
    let source: String?
    /// Whether numbers are wanted, not shapes alone.
    let hasValues: Bool
    let refuse: (ExchangeError) -> Failure
    let load: (_ name: String, _ place: MapPlace?) throws(Failure) -> WeightTensor
    let order: WeightMap.Order<Failure>

    func tensor(_ expression: WeightExpression) throws(Failure) -> WeightTensor {
        var tensor = try tensor(expression.source, at: expression.place)
        try check(tensor.shape, at: expression.place)
        for step in expression.steps {
            if case .keys(let file) = step.action {
                tensor = try ordered(tensor, file: file, at: step.place)
                continue
            }
            let shape = try placed(at: step.place) { () throws(ExchangeError) in
                try WeightTensor(shape: tensor.shape, values: nil).applying(step.action).shape
            }
            try check(shape, at: step.place)
            tensor = try placed(at: step.place) { () throws(ExchangeError) in try tensor.applying(step.action) }
        }
        return tensor
    }

    private func check(_ shape: [Int], at place: MapPlace?) throws(Failure) {
        guard let extent = WeightTensor.extent(shape), extent <= most else {
            throw refuse(
                ExchangeError(
                    .tensor, "a tensor of shape \(shape) is larger than what the state dict holds could call for",
                    at: place))
        }
    }

    private func placed<Result>(
        at place: MapPlace?, _ body: () throws(ExchangeError) -> Result
    ) throws(Failure) -> Result {
        do throws(ExchangeError) {
            return try body()
        } catch {
            throw refuse(ExchangeError(error.code, error.message, at: place))
        }
    }

    private func tensor(_ source: WeightExpression.Source, at place: MapPlace?) throws(Failure) -> WeightTensor {
        switch source {
        case .tensor(let name): return try load(named(name), place)
        case .fill(let value):
            return WeightTensor(
                shape: target, values: hasValues ? Array(repeating: value, count: target.reduce(1, *)) : nil)
        case .sum(let parts): return try combined(parts, at: place, WeightTensor.sum)
        case .concatenation(let parts): return try combined(parts, at: place, WeightTensor.concatenation)
        case .columnConcatenation(let parts): return try combined(parts, at: place, WeightTensor.columnConcatenation)
        }
    }

    private func combined(
        _ parts: [WeightExpression], at place: MapPlace?,
        _ combine: ([WeightTensor]) throws(ExchangeError) -> WeightTensor
    ) throws(Failure) -> WeightTensor {
        var tensors: [WeightTensor] = []
        for part in parts { tensors.append(try tensor(part)) }
        guard !tensors.isEmpty else { throw refuse(ExchangeError(.map, "of no tensor nothing can be made", at: place)) }
        let shape = try placed(at: place) { () throws(ExchangeError) in
            try combine(tensors.map { WeightTensor(shape: $0.shape, values: nil) }).shape
        }
        try check(shape, at: place)
        return try placed(at: place) { () throws(ExchangeError) in try combine(tensors) }
    }

    private func ordered(_ tensor: WeightTensor, file: String, at place: MapPlace?) throws(Failure) -> WeightTensor {
        guard let feature else {
            throw refuse(
                ExchangeError(
                    .map, "`keys` orders the rows of a feature's table, and this is none", at: place))
        }
        guard let count = tensor.shape.first, let rows = target.first else {
            throw refuse(ExchangeError(.tensor, "a single number has no rows to order", at: place))
        }
        let order = try order(named(file), feature, rows)
        if let beyond = order.lazy.compactMap({ $0 }).first(where: { $0 >= count }) {
            throw refuse(
                ExchangeError(.tensor, "the file of keys names row \(beyond), and there are \(count)", at: place))
        }
        try check([order.count] + tensor.shape.dropFirst(), at: place)
        return tensor.ordered(by: order)
    }

    /// A name with what the rule's `*` stands for.
    private func named(_ name: String) -> String {
        guard let source else { return name }
        return name.split(separator: "*", omittingEmptySubsequences: false).joined(separator: source)
    }
}
