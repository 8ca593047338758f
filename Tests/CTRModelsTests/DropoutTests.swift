import Testing

@testable import CTRModels

@Suite struct DropoutTests {
    private static let architecture = Architecture(
        kind: .wideDeep, fields: [.init(name: "age", kind: .dense, rows: 0)], embeddingDimension: 1, hiddenSizes: [64],
        dropout: 0.25)

    /// The gradient by each hidden unit's output weight, which is 0 where the unit is dropped.
    private func outputGradient(step: UInt64, place: Int) -> [Float] {
        var model = Small.model(Self.architecture)
        for tensor in model.parameters.layout.tensors where tensor.name == "mlp.0.bias" {
            if case .dense(let range, _) = tensor.place {
                for index in range { model.parameters.dense[index] = 100 }
            }
        }
        var workspace = model.makeWorkspace(rows: 4)
        var gradient = Gradient(for: model)
        model.lossAndGradient(
            ModelInput(count: 1, columns: [.dense([0])]), rows: [0], labels: [0.5], batchRows: 1, firstPlace: place,
            mode: .training(seed: 7, step: step), workspace: &workspace, gradient: &gradient)
        return model.parameters.layout.tensors.filter { $0.name == "mlp.2.weight" }.flatMap { tensor in
            if case .dense(let range, _) = tensor.place { Array(gradient.dense[range]) } else { [Float]() }
        }
    }

    @Test func `a share of the outputs is left out, others at each step and place`() {
        var dropped = 0
        var patterns = Set<[Bool]>()
        for step in 0..<20 as Range<UInt64> {
            for place in 0..<10 {
                let isDropped = outputGradient(step: step, place: place).map { $0 == 0 }
                dropped += isDropped.count { $0 }
                patterns.insert(isDropped)
            }
        }
        #expect(patterns.count == 200)
        // 12,800 draws at 0.25: five standard deviations are 245.
        #expect(abs(dropped - 3200) < 245)
    }

    /// By a second writing of the documented rule.
    @Test func `which outputs is the documented function`() {
        func mix(_ value: UInt64) -> UInt64 {
            let first = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            let second = (first ^ (first >> 27)) &* 0x94D0_49BB_1331_11EB
            return second ^ (second >> 31)
        }
        let golden: UInt64 = 0x9E37_79B9_7F4A_7C15
        for (step, place) in [(0, 0), (3, 5), (1000, 255)] as [(UInt64, UInt64)] {
            let key = mix(7 &+ (step &+ 1) &* golden)
            let layerKey = mix(key &+ golden)
            let expected = (0..<64).map { unit in mix(layerKey &+ (place * 64 + unit) &* golden) >> 32 >= 1 << 30 }
            #expect(outputGradient(step: step, place: Int(place)).map { $0 != 0 } == expected)
        }
    }

    @Test func `a batch gives one loss however it is cut into shards and passes`() {
        let architecture = Small.deep(.deepfm, dropout: 0.5)
        let model = Small.model(architecture)
        func loss(_ cuts: [Range<Int>], workspaceRows: Int) -> Double {
            var workspace = model.makeWorkspace(rows: workspaceRows)
            var gradient = Gradient(for: model)
            let rows: [Int32] = [5, 1, 0, 3, 2, 4]
            return cuts.reduce(0) { sum, cut in
                sum
                    + model.lossAndGradient(
                        Small.input, rows: rows[cut], labels: Small.labels, batchRows: 6, firstPlace: cut.lowerBound,
                        mode: .training(seed: 1, step: 4), workspace: &workspace, gradient: &gradient)
            }
        }
        let whole = loss([0..<6], workspaceRows: 6)
        #expect(abs(loss([0..<2, 2..<6], workspaceRows: 6) - whole) < 1e-9)
        #expect(abs(loss([0..<6], workspaceRows: 4) - whole) < 1e-9)
    }
}
