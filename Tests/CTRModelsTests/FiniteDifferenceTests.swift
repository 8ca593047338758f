import Testing

@testable import CTRModels

/// Gradients against differences of the loss: an oracle that shares nothing with the backward passes.
@Suite struct FiniteDifferenceTests {
    @Test(arguments: Small.all) func `gradients are slopes of the loss`(architecture: Architecture) {
        check(architecture, mode: .frozen)
    }

    /// Batch statistics and dropped outputs are part of the function then.
    @Test(arguments: Small.all.filter { $0.kind.uses.contains(.hiddenLayers) })
    func `gradients of training passes are slopes of the loss`(architecture: Architecture) {
        var architecture = architecture
        architecture.dropout = 0.3
        check(architecture, mode: .training(seed: 5, step: 2))
    }

    private func check(_ architecture: Architecture, mode: PassMode) {
        let model = Small.model(architecture)
        let weights: [Float] = [1, 2, 0.5, 1, 3, 0]
        let input = Small.input(for: architecture)
        func loss(_ model: CTRModel) -> (Double, Gradient) {
            var workspace = model.makeWorkspace(rows: 7)
            var gradient = Gradient(for: model)
            let loss = model.lossAndGradient(
                input, rows: [0, 1, 2, 3, 4, 5, 0], labels: Small.labels, weights: weights, mode: mode,
                workspace: &workspace, gradient: &gradient)
            return (loss, gradient)
        }
        /// The slope between two losses a small step apart.
        func slope(_ move: (inout CTRModel, Float) -> Void) -> Double {
            let step: Float = 1 / 512
            var (up, down) = (model, model)
            move(&up, step)
            move(&down, -step)
            return (loss(up).0 - loss(down).0) / Double(2 * step)
        }
        let gradient = loss(model).1.expanded(for: model)
        for index in model.parameters.dense.indices {
            let expected = slope { $0.parameters.dense[index] += $1 }
            #expect(abs(Double(gradient.dense[index]) - expected) < 2e-3, "dense \(index)")
        }
        for table in model.parameters.tables.indices {
            for index in model.parameters.tables[table].values.indices {
                let expected = slope { $0.parameters.tables[table].values[index] += $1 }
                #expect(
                    abs(Double(gradient.tables[table].values[index]) - expected) < 2e-3, "table \(table), \(index)")
            }
        }
    }

    @Test(arguments: [(-2.0, 0.3), (0.0, 1.0), (1.5, 1.2), (40.0, 0.0), (-700.0, 1.0), (3e38, 0.0), (-3e38, 0.5)])
    func `the loss is finite and its gradient is probability minus label`(logit: Double, label: Double) {
        let (logit, label) = (Float(logit), Float(label))
        let (loss, gradient) = crossEntropy(logit, label)
        #expect(loss.isFinite)
        let probability = logit < -100 ? 0 : 1 / (1 + CMath.exponential(-Double(logit)))
        #expect(abs(Double(gradient) - (probability - Double(label))) < 1e-6)
        if abs(logit) < 30 {
            let direct =
                -Double(label) * CMath.logarithm(probability)
                - (1 - Double(label)) * CMath.logarithm(1 - probability)
            #expect(abs(loss - direct) < 1e-12)
        } else {
            // Far out the loss is the distance on the wrong side.
            let expected = max(Double(logit), 0) - Double(label) * Double(logit)
            #expect(abs(loss - expected) <= 1e-12 * max(1, expected))
        }
    }

    private func crossEntropy(_ logit: Float, _ label: Float) -> (loss: Double, gradient: Float) {
        var gradient: Float = 0
        let loss = [Int32(0)].withUnsafeBufferPointer { rows in
            [label].withUnsafeBufferPointer { labels in
                withUnsafePointer(to: logit) { logit in
                    CrossEntropy.lossAndGradient(
                        logits: logit, rows: rows, labels: labels, weights: nil, divisor: 1, logitGradients: &gradient)
                }
            }
        }
        return (loss, gradient)
    }
}
