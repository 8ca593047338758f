/// Makes one tensor by an expression; of shapes alone, or of numbers.
struct WeightEvaluation<Failure: Error> {
    /// The shape that is to be made.
    let target: [Int]
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
        for step in expression.steps {
            if case .keys(let file) = step.action {
                tensor = try ordered(tensor, file: file, at: step.place)
                continue
            }
            do throws(ExchangeError) {
                tensor = try tensor.applying(step.action)
            } catch {
                throw refuse(ExchangeError(error.code, error.message, at: step.place))
            }
        }
        return tensor
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
        do throws(ExchangeError) {
            return try combine(tensors)
        } catch {
            throw refuse(ExchangeError(error.code, error.message, at: place))
        }
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
        return tensor.ordered(by: order)
    }

    /// A name with what the rule's `*` stands for.
    private func named(_ name: String) -> String {
        guard let source else { return name }
        return name.split(separator: "*", omittingEmptySubsequences: false).joined(separator: source)
    }
}
