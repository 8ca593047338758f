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
    /// η of the next step; the method's own until set, as a schedule does before each step.
    public var learningRate: Double
    /// Steps made.
    public private(set) var steps = 0
    /// λ: λ·p is added to the gradient first (L2), for dense parameters and touched rows alike.
    public let weightDecay: Double
    // Adam's β₁^t and β₂^t after t steps.
    private var beta1Power = 1.0
    private var beta2Power = 1.0
    /// State of the dense parameters and of each table's rows, `stateWidth` floats a parameter, blocks as in
    /// `UpdateRule`.
    var dense: [Float] = []
    var tables: [[Float]] = []

    /// An optimiser for `model`. Memory: nothing for SGD, one copy of the parameters for Adagrad, two for Adam.
    public init(_ method: Method, weightDecay: Double = 0, for model: CTRModel) {
        self.method = method
        self.weightDecay = weightDecay
        learningRate = method.learningRate
        reset(for: model)
    }

    /// As new, for this model or another; allocates only to grow. Cost: the state's size.
    public mutating func reset(for model: CTRModel) {
        learningRate = method.learningRate
        steps = 0
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
    ///
    /// - Parameter part: what moves; all else, and its state, stays.
    public mutating func step(_ model: inout CTRModel, _ gradient: Gradient, moving part: ParameterPart = .all) {
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
                    for range in model.parameters.layout.denseRanges(of: part) {
                        let start = range.lowerBound
                        rules.dense.apply(
                            parameters + start, gradient + start, state.baseAddress.map { $0 + start },
                            stateStride: count, count: range.count)
                    }
                }
            }
        }
        for index in tables.indices where part.hasTables {
            Self.step(
                &model.parameters.tables[index].values, &tables[index], gradient.tables[index], rules.rows)
        }
    }

    /// Moves the rows of one table that `gradient` holds.
    private static func step(
        _ table: inout [Float], _ state: inout [Float], _ gradient: TableGradient, _ rule: UpdateRule
    ) {
        gradient.withRows { ids, values in
            table.withUnsafeMutableBufferPointer { table in
                state.withUnsafeMutableBufferPointer { state in
                    guard let table = table.baseAddress else { return }
                    rule.apply(rows: ids, of: table, values, state.baseAddress, width: gradient.width)
                }
            }
        }
    }

    /// Puts back the number of steps made. Cost: O(steps), some nanoseconds each.
    public mutating func setSteps(_ count: Int) {
        precondition(count >= 0)
        steps = count
        (beta1Power, beta2Power) = (1, 1)
        guard case .adam(_, let beta1, let beta2, _) = method else { return }
        // Multiplied one by one, as steps do, for the same bits.
        for _ in 0..<count {
            beta1Power *= beta1
            beta2Power *= beta2
        }
    }

    /// The next step's arithmetic, for dense parameters and for rows.
    mutating func nextRules() -> (dense: UpdateRule, rows: UpdateRule) {
        steps += 1
        let rate = learningRate
        let decay = Float(weightDecay)
        switch method {
        case .sgd:
            let rule = UpdateRule(.sgd(rate: Float(rate)), weightDecay: decay)
            return (rule, rule)
        case .adagrad(_, let epsilon):
            let rule = UpdateRule(.adagrad(rate: Float(rate), epsilon: Float(epsilon)), weightDecay: decay)
            return (rule, rule)
        case .adam(_, let beta1, let beta2, let epsilon):
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
    var stateWidth: Int { method.stateNames.count }

    func checkState(against parameters: Parameters) {
        var isOfModel = dense.count == parameters.dense.count * stateWidth && tables.count == parameters.tables.count
        for index in tables.indices where isOfModel {
            isOfModel = tables[index].count == parameters.tables[index].values.count * stateWidth
        }
        precondition(isOfModel, "an optimiser of another model")
    }
}

extension Optimizer.Method {
    /// η before any schedule.
    public var learningRate: Double {
        switch self {
        case .sgd(let rate), .adam(let rate, _, _, _), .adagrad(let rate, _): rate
        }
    }

    /// What is kept of every parameter, by the names that torch.optim gives it.
    var stateNames: [String] {
        switch self {
        case .sgd: []
        case .adagrad: ["sum"]
        case .adam: ["exp_avg", "exp_avg_sq"]
        }
    }
}
