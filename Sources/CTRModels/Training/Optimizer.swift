/// Moves a model's parameters down a gradient.
///
/// Dense parameters all move, as in torch.optim.SGD, Adam and Adagrad. Of a table only the rows in the gradient move, and
/// only their state changes: torch.optim.SparseAdam for Adam, the sparse forms of SGD and Adagrad. A step costs the dense
/// parameters and the touched rows, whatever the size of the tables.
public struct Optimizer: Sendable {
    /// The rule and its constants.
    public enum Method: Sendable, Hashable {
        /// p −= η·g.
        case sgd(learningRate: Double)
        /// Adam (Kingma and Ba 2015, arXiv 1412.6980).
        case adam(learningRate: Double, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8)
        /// Adagrad (Duchi, Hazan and Singer 2011): p −= η·g / (√Σg² + ε).
        case adagrad(learningRate: Double, epsilon: Double = 1e-10)
    }

    /// The rule and its constants.
    public let method: Method
    /// λ: λ·p is added to the gradient first (L2), for dense parameters and touched rows alike.
    public let weightDecay: Double
    // Adam's β₁^t and β₂^t after t steps.
    private var beta1Power = 1.0
    private var beta2Power = 1.0
    /// State of the dense parameters and of each table's rows, `stateWidth` floats a parameter, blocks as in
    /// `UpdateRule`.
    private var dense: [Float] = []
    private var tables: [[Float]] = []

    /// An optimiser for `model`. Memory: nothing for SGD, one copy of the parameters for Adagrad, two for Adam.
    public init(_ method: Method, weightDecay: Double = 0, for model: CTRModel) {
        self.method = method
        self.weightDecay = weightDecay
        reset(for: model)
    }

    /// As new, for this model or another; allocates only to grow. Cost: the state's size.
    public mutating func reset(for model: CTRModel) {
        beta1Power = 1
        beta2Power = 1
        let width = stateWidth
        VectorKernels.zero(&dense, count: model.parameters.dense.count * width)
        let modelTables = model.parameters.tables
        if tables.count > modelTables.count { tables.removeLast(tables.count - modelTables.count) }
        while tables.count < modelTables.count { tables.append([]) }
        for index in tables.indices {
            VectorKernels.zero(&tables[index], count: modelTables[index].values.count * width)
        }
    }

    /// One step down `gradient`, which is of `model`'s sizes, as `model` is of those that this was made or reset for.
    public mutating func step(_ model: inout CTRModel, _ gradient: Gradient) {
        model.checkParameters()
        gradient.check(against: model.parameters)
        checkState(against: model.parameters)
        model.parameters.follow(gradient.observed)
        let rules = nextRules()
        let count = gradient.dense.count
        gradient.dense.withUnsafeBufferPointer { gradient in
            model.parameters.dense.withUnsafeMutableBufferPointer { parameters in
                dense.withUnsafeMutableBufferPointer { state in
                    guard let parameters = parameters.baseAddress, let gradient = gradient.baseAddress else { return }
                    rules.dense.apply(parameters, gradient, state.baseAddress, count: count)
                }
            }
        }
        for index in tables.indices {
            Self.step(
                &model.parameters.tables[index].values, &tables[index], gradient.tables[index], rules.rows,
                stateWidth: stateWidth)
        }
    }

    /// Moves the rows of one table that `gradient` holds.
    private static func step(
        _ table: inout [Float], _ state: inout [Float], _ gradient: TableGradient, _ rule: UpdateRule,
        stateWidth: Int
    ) {
        let width = gradient.width
        gradient.withRows { ids, values in
            table.withUnsafeMutableBufferPointer { table in
                state.withUnsafeMutableBufferPointer { state in
                    guard let table = table.baseAddress else { return }
                    for (place, id) in ids.enumerated() {
                        let start = Int(id) * width
                        rule.apply(
                            table + start, values + place * width, state.baseAddress.map { $0 + start * stateWidth },
                            count: width)
                    }
                }
            }
        }
    }

    /// The next step's arithmetic, for dense parameters and for rows.
    private mutating func nextRules() -> (dense: UpdateRule, rows: UpdateRule) {
        let decay = Float(weightDecay)
        switch method {
        case .sgd(let rate):
            let rule = UpdateRule(.sgd(rate: Float(rate)), weightDecay: decay)
            return (rule, rule)
        case .adagrad(let rate, let epsilon):
            let rule = UpdateRule(.adagrad(rate: Float(rate), epsilon: Float(epsilon)), weightDecay: decay)
            return (rule, rule)
        case .adam(let rate, let beta1, let beta2, let epsilon):
            beta1Power *= beta1
            beta2Power *= beta2
            let correction = (1 - beta2Power).squareRoot()
            func rule(epsilon: Double) -> UpdateRule {
                UpdateRule(
                    .adam(
                        rate: Float(rate * correction / (1 - beta1Power)), epsilon: Float(epsilon),
                        take1: Float(1 - beta1), keep2: Float(beta2), take2: Float(1 - beta2)),
                    weightDecay: decay)
            }
            // Adam adds ε after v's bias correction, SparseAdam before.
            return (rule(epsilon: epsilon * correction), rule(epsilon: epsilon))
        }
    }

    /// Floats of state a parameter.
    private var stateWidth: Int {
        switch method {
        case .sgd: 0
        case .adagrad: 1
        case .adam: 2
        }
    }

    private func checkState(against parameters: Parameters) {
        var isOfModel = dense.count == parameters.dense.count * stateWidth && tables.count == parameters.tables.count
        for index in tables.indices where isOfModel {
            isOfModel = tables[index].count == parameters.tables[index].values.count * stateWidth
        }
        precondition(isOfModel, "an optimiser of another model")
    }
}
