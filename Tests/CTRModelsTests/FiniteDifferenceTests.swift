import Testing

@testable import CTRModels

/// Gradients against differences of the loss: an oracle that shares nothing with the backward passes.
@Suite struct FiniteDifferenceTests {
    @Test(arguments: Small.all) func `gradients are slopes of the loss`(architecture: Architecture) {
        #expect(faults(architecture, mode: .frozen) == [])
    }

    @Test func `a term that a backward pass loses is found`() {
        let model = Small.model(Small.deep(.dcnV2, crossLayers: 2))
        #expect(compare(model, mode: .frozen).faults == [])
        let faults = compare(model.withoutTerm, mode: .frozen).faults
        #expect(faults.contains { $0.hasPrefix("fields.item.embedding") })
        #expect(faults.allSatisfy { $0.hasPrefix("fields.") }, "\(faults)")
    }

    /// Batch statistics and dropped outputs are part of the function then.
    @Test(arguments: Small.all.filter { $0.kind.uses.contains(.hiddenLayers) })
    func `gradients of training passes are slopes of the loss`(architecture: Architecture) {
        var architecture = architecture
        architecture.dropout = 0.3
        #expect(faults(architecture, mode: .training(seed: 5, step: 2)) == [])
    }

    /// What of the gradients of some models is no slope of the loss, and tensors of which none could tell.
    private func faults(_ architecture: Architecture, mode: PassMode) -> [String] {
        var faults: [String] = []
        var untold: Set<String>?
        for seed in 1...12 as ClosedRange<UInt64> where untold?.isEmpty != true {
            let compared = compare(Small.model(architecture, seed: seed), mode: mode)
            faults += compared.faults.map { "seed \(seed): \($0)" }
            untold = untold.map { $0.intersection(compared.flat) } ?? compared.flat
        }
        return faults + (untold ?? []).sorted().map { "\($0): no slopes" }
    }

    /// What of the gradient is no slope of the loss, and tensors whose slopes are all so small that a gradient of 0
    /// would pass.
    private func compare(_ model: CTRModel, mode: PassMode) -> (faults: [String], flat: Set<String>) {
        let weights: [Float] = [1, 2, 0.5, 1, 3, 0]
        let input = Small.input(for: model.architecture)
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
        var faults: [String] = []
        var flat = Set<String>()
        for tensor in model.parameters.layout.tensors where tensor.isLearned {
            var largest = 0.0
            for (place, value) in gradient.values(of: tensor).enumerated() {
                let expected = slope { model, step in
                    switch tensor.place {
                    case .dense(let range, _): model.parameters.dense[range.lowerBound + place] += step
                    case .table(let index, let columns):
                        let width = model.parameters.tables[index].width
                        let row = place / columns.count
                        let column = columns.lowerBound + place % columns.count
                        model.parameters.tables[index].values[row * width + column] += step
                    case .buffer: break
                    }
                }
                largest = max(largest, abs(expected))
                if abs(Double(value) - expected) > Self.leastSlope + Self.relative * abs(expected) {
                    faults.append("\(tensor.name)[\(place)]: \(value), and the slope is \(expected)")
                }
            }
            if largest < 5 * Self.leastSlope { flat.insert(tensor.name) }
        }
        return (faults, flat)
    }

    /// What differences of a loss by float32 logits cannot tell from 0, and their curvature.
    private static let (leastSlope, relative) = (2e-4, 5e-3)

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
