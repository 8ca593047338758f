import Testing

@testable import CTRModels

@Suite struct OptimizerStateTests {
    private func step(_ model: inout CTRModel, _ optimizer: inout Optimizer, rows: [Int32]) {
        var gradient = Gradient(for: model)
        var workspace = model.makeWorkspace(rows: 4)
        model.lossAndGradient(
            Small.input, rows: rows[...], labels: Small.labels, workspace: &workspace, gradient: &gradient)
        optimizer.step(&model, gradient)
    }

    @Test(arguments: OptimizerTests.methods) func `state taken out and put back goes on to the same bytes`(
        method: Optimizer.Method
    ) {
        var model = Small.model(Small.deepfm)
        var optimizer = Optimizer(method, for: model)
        for _ in 0..<3 { step(&model, &optimizer, rows: [0, 1, 2, 3]) }

        var other = Optimizer(method, for: model)
        let tensors = optimizer.stateTensors(for: model)
        #expect(tensors.count == method.stateNames.count * model.parameters.layout.tensors.count)
        #expect(Set(tensors.map(\.name)).count == tensors.count)
        for tensor in tensors {
            #expect(tensor.shape.reduce(1, *) == tensor.rows * tensor.rowWidth)
            // The rest row by row, the first two at once.
            let first = (0..<min(2, tensor.rows)).flatMap { optimizer.state(tensor, row: $0) }
            other.setState(tensor, row: 0, to: first[...])
            for row in min(2, tensor.rows)..<tensor.rows {
                other.setState(tensor, row: row, to: optimizer.state(tensor, row: row))
            }
        }
        other.setSteps(optimizer.steps)
        #expect(other.dense == optimizer.dense && other.tables == optimizer.tables)

        var copy = model
        for rows: [Int32] in [[4, 5], [0, 3]] {
            step(&model, &optimizer, rows: rows)
            step(&copy, &other, rows: rows)
        }
        #expect(copy.parameters == model.parameters)
        if method.stateNames.count == 2 {
            var unset = Optimizer(method, for: copy)
            for tensor in tensors {
                for row in 0..<tensor.rows { unset.setState(tensor, row: row, to: other.state(tensor, row: row)) }
            }
            step(&model, &optimizer, rows: [1])
            step(&copy, &unset, rows: [1])
            #expect(copy.parameters != model.parameters, "the number of steps is part of Adam's state")
        }
    }

    @Test func `tensors are named as torch.optim's state of a parameter`() {
        let model = Small.model(Small.deepfm)
        let names = Optimizer(.adam(learningRate: 1), for: model).stateTensors(for: model).map(\.name)
        #expect(names.contains("fields.item.embedding.exp_avg") && names.contains("mlp.0.bias.exp_avg_sq"))
        #expect(Optimizer(.adagrad(learningRate: 1), for: model).stateTensors(for: model)[0].name.hasSuffix(".sum"))
    }
}
