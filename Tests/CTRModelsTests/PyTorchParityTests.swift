import Testing

@testable import CTRModels

/// Against tensors from PyTorch, on samples with missing and unknown ids, empty lists and repeats: see
/// `scripts/models/make_fixtures.py`.
@Suite struct PyTorchParityTests {
    @Test(arguments: Fixture.names) func `logits are PyTorch's`(name: String) throws {
        let fixture = try Fixture(name)
        var workspace = fixture.model.makeWorkspace(rows: fixture.input.count)
        var logits = [Float](repeating: .nan, count: fixture.input.count)
        fixture.model.logits(fixture.input, rows: 0..<fixture.input.count, workspace: &workspace, into: &logits)
        #expect(agree(logits, try fixture.expected.floats("logits"), relative: 1e-5))
    }

    @Test(arguments: Fixture.names) func `losses with and without weights are PyTorch's`(name: String) throws {
        let fixture = try Fixture(name)
        var workspace = fixture.model.makeWorkspace(rows: fixture.input.count)
        var gradient = Gradient(for: fixture.model)
        for (tensor, weights) in [("loss", nil), ("loss.weighted", fixture.weights)] {
            let loss = fixture.model.lossAndGradient(
                fixture.input, rows: fixture.rows, labels: fixture.labels, weights: weights, workspace: &workspace,
                gradient: &gradient)
            #expect(agree([Float(loss)], try fixture.expected.floats(tensor), relative: 1e-6))
        }
    }

    @Test(arguments: Fixture.names) func `every gradient is PyTorch's`(name: String) throws {
        let fixture = try Fixture(name)
        var workspace = fixture.model.makeWorkspace(rows: fixture.input.count)
        var gradient = Gradient(for: fixture.model)
        fixture.model.lossAndGradient(
            fixture.input, rows: fixture.rows, labels: fixture.labels, weights: fixture.weights, workspace: &workspace,
            gradient: &gradient)
        for tensor in fixture.model.parameters.layout.tensors {
            let expected = try fixture.expected.floats("gradient.\(tensor.name)")
            let actual = gradient.expanded(for: fixture.model).values(of: tensor)
            #expect(agree(actual, expected, relative: 1e-5), "\(tensor.name)")
            #expect(expected.contains { $0 != 0 }, "\(tensor.name) is not tested")
        }
    }

    @Test(
        arguments: Fixture.names,
        [
            ("sgd", Optimizer.Method.sgd(learningRate: 0.1)), ("adam", .adam(learningRate: 0.01)),
            ("adagrad", .adagrad(learningRate: 0.05)),
        ])
    func `weights after ten steps are PyTorch's`(name: String, optimizer: (String, Optimizer.Method)) throws {
        let fixture = try Fixture(name)
        var model = fixture.model
        var workspace = model.makeWorkspace(rows: 8)
        var gradient = Gradient(for: model)
        var stepper = Optimizer(optimizer.1, for: model)
        for rows in try fixture.batches() {
            gradient.clear()
            model.lossAndGradient(
                fixture.input, rows: rows, labels: fixture.labels, workspace: &workspace, gradient: &gradient)
            stepper.step(&model, gradient)
        }
        for tensor in model.parameters.layout.tensors {
            let expected = try fixture.expected.floats("\(optimizer.0).\(tensor.name)")
            #expect(agree(model.parameters.values(of: tensor), expected, relative: 1e-4), "\(tensor.name)")
            // The step itself, which is small beside the weight.
            let start = fixture.model.parameters.values(of: tensor)
            let moved = zip(model.parameters.values(of: tensor), start).map { $0 - $1 }
            #expect(agree(moved, zip(expected, start).map { $0 - $1 }, relative: 1e-3), "steps of \(tensor.name)")
        }
    }
}

extension Gradient {
    /// The gradient as parameters of the model's shape, zeros where no row was touched.
    func expanded(for model: CTRModel) -> Parameters {
        var result = model.parameters
        result.dense = dense
        for (index, table) in tables.enumerated() {
            var values = [Float](repeating: 0, count: result.tables[index].values.count)
            for (place, id) in table.ids.enumerated() {
                for column in 0..<table.width {
                    values[Int(id) * table.width + column] = table.values[place * table.width + column]
                }
            }
            result.tables[index].values = values
        }
        return result
    }
}
