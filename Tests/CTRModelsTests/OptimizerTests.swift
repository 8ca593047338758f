import Testing

@testable import CTRModels

@Suite struct OptimizerTests {
    static let methods: [Optimizer.Method] = [
        .sgd(learningRate: 0.1), .adam(learningRate: 0.1), .adagrad(learningRate: 0.1),
    ]

    /// Trains on some rows of the small input.
    private func train(
        _ model: inout CTRModel, _ optimizer: inout Optimizer, rows: [Int32], steps: Int = 3
    ) {
        var workspace = model.makeWorkspace(rows: 4)
        var gradient = Gradient(for: model)
        for _ in 0..<steps {
            gradient.clear()
            model.lossAndGradient(
                Small.input, rows: rows[...], labels: Small.labels, workspace: &workspace, gradient: &gradient)
            optimizer.step(&model, gradient)
        }
    }

    @Test(arguments: methods) func `only the rows of a batch's ids move`(method: Optimizer.Method) {
        let start = Small.model(Small.deepfm)
        var model = start
        var optimizer = Optimizer(method, weightDecay: 0.01, for: model)
        train(&model, &optimizer, rows: [0, 2])
        // Rows 0 and 2 of the input hold item 3 and genres 1, 2 (and 0).
        for (table, touched) in [Set([3]), Set([1, 2])].enumerated() {
            for row in 0..<model.parameters.tables[table].rows {
                let isSame = model.parameters.tables[table][row] == start.parameters.tables[table][row]
                #expect(isSame == !touched.contains(row), "table \(table), row \(row)")
            }
        }
        #expect(zip(model.parameters.dense, start.parameters.dense).allSatisfy { $0 != $1 })
    }

    @Test(arguments: methods) func `row 0 stays zero`(method: Optimizer.Method) {
        var model = CTRModel(architecture: Small.deepfm, seed: 3)
        var optimizer = Optimizer(method, weightDecay: 0.1, for: model)
        train(&model, &optimizer, rows: [0, 1, 2, 3, 4, 5], steps: 5)
        #expect(model.parameters.tables.allSatisfy { $0[0].allSatisfy { $0 == 0 } })
    }

    @Test(arguments: methods) func `training lowers the loss`(method: Optimizer.Method) {
        var model = Small.model(Small.deepfm)
        var optimizer = Optimizer(method, for: model)
        var workspace = model.makeWorkspace(rows: 4)
        var gradient = Gradient(for: model)
        func loss() -> Double {
            model.lossAndGradient(
                Small.input, rows: [0, 1, 2, 3, 4, 5], labels: Small.labels, workspace: &workspace, gradient: &gradient)
        }
        let before = loss()
        train(&model, &optimizer, rows: [0, 1, 2, 3, 4, 5], steps: 20)
        #expect(loss() < before - 0.05)
    }

    @Test func `weight decay adds the parameters to the gradient`() {
        let start = Small.model(Small.deepfm)
        var (plain, decayed) = (start, start)
        var plainOptimizer = Optimizer(.sgd(learningRate: 0.5), for: start)
        var decayingOptimizer = Optimizer(.sgd(learningRate: 0.5), weightDecay: 0.2, for: start)
        train(&plain, &plainOptimizer, rows: [0], steps: 1)
        train(&decayed, &decayingOptimizer, rows: [0], steps: 1)
        let expected = zip(plain.parameters.dense, start.parameters.dense).map { $0 - 0.5 * 0.2 * $1 }
        #expect(agree(decayed.parameters.dense, expected, relative: 1e-6))
        let (plainItem, startItem) = (plain.parameters.tables[0], start.parameters.tables[0])
        #expect(
            agree(
                Array(decayed.parameters.tables[0][3]), zip(plainItem[3], startItem[3]).map { $0 - 0.1 * $1 },
                relative: 1e-6))
        #expect(decayed.parameters.tables[0][8] == startItem[8])
    }

    @Test(arguments: methods) func `a reset optimiser is a new one, for a model of other sizes too`(
        method: Optimizer.Method
    ) {
        var other = Small.model(Small.lr)
        var optimizer = Optimizer(method, for: other)
        train(&other, &optimizer, rows: [0, 1, 2])
        for architecture in [Small.deepfm, Small.lr] {
            var (expected, actual) = (Small.model(architecture), Small.model(architecture))
            var new = Optimizer(method, for: expected)
            train(&expected, &new, rows: [3, 4, 5])
            optimizer.reset(for: actual)
            train(&actual, &optimizer, rows: [3, 4, 5])
            #expect(actual.parameters == expected.parameters)
        }
    }
}
