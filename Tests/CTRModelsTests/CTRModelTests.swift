import Testing

@testable import CTRModels

@Suite struct CTRModelTests {
    private func logits(_ model: CTRModel, workspaceRows: Int) -> [Float] {
        let input = Small.input(for: model.architecture)
        var workspace = model.makeWorkspace(rows: workspaceRows)
        var logits = [Float](repeating: 0, count: input.count)
        model.logits(input, rows: 0..<input.count, workspace: &workspace, into: &logits)
        return logits
    }

    @Test(arguments: Small.all) func `equal seeds give equal bytes, others do not`(
        architecture: Architecture
    ) {
        func bytes(_ seed: UInt64) -> [UInt8] { CTRModel(architecture: architecture, seed: seed).safetensors() }
        #expect(bytes(7) == bytes(7))
        // LR starts at zero whatever the seed.
        #expect((bytes(7) == bytes(8)) == (architecture.kind == .lr))
    }

    @Test func `a new model's row 0 and first-order weights are zero, its other numbers spread as documented`() throws {
        let fields = [Architecture.Field(name: "item", kind: .categorical, rows: 5000)]
        let model = CTRModel(
            architecture: Architecture(kind: .deepfm, fields: fields, embeddingDimension: 8, hiddenSizes: [50]), seed: 1
        )
        var tensors: [String: [Float]] = [:]
        for tensor in model.parameters.layout.tensors { tensors[tensor.name] = model.parameters.values(of: tensor) }
        let embedding = try #require(tensors["fields.item.embedding"])
        #expect(embedding[..<8].allSatisfy { $0 == 0 })
        let deviation = (embedding.reduce(0.0) { $0 + Double($1 * $1) } / Double(embedding.count)).squareRoot()
        #expect(abs(deviation - 0.01) < 0.0005)
        #expect(abs(embedding.reduce(0, +) / Float(embedding.count)) < 0.0005)
        #expect(tensors["fields.item.weight"]?.allSatisfy { $0 == 0 } == true)
        #expect(tensors["bias"] == [0])
        let weight = try #require(tensors["mlp.0.weight"])
        let bound = Float(1 / Double(8).squareRoot())
        #expect(weight.allSatisfy { abs($0) <= bound })
        #expect(weight.contains { $0 > 0.9 * bound } && weight.contains { $0 < -0.9 * bound })
    }

    @Test(arguments: Small.all) func `a row's logit does not depend on the workspace's size`(architecture: Architecture)
    {
        let model = Small.model(architecture)
        for rows in [1, 2, 4, 5, 100] {
            #expect(agree(logits(model, workspaceRows: rows), logits(model, workspaceRows: 6), relative: 1e-6))
        }
    }

    @Test func `only the logits asked for are written`() {
        let model = Small.model(Small.deepfm)
        var workspace = model.makeWorkspace(rows: 2)
        var some = [Float](repeating: -7, count: 6)
        model.logits(Small.input, rows: 2..<5, workspace: &workspace, into: &some)
        #expect(some[0..<2] == [-7, -7] && some[5] == -7)
        #expect(agree(Array(some[2..<5]), Array(logits(model, workspaceRows: 6)[2..<5]), relative: 1e-6))
    }

    @Test func `a model of dense fields, and one without hidden layers, learn`() {
        for hidden in [[], [4]] {
            let fields = ["a", "b"].map { Architecture.Field(name: $0, kind: .dense, rows: 0) }
            var model = CTRModel(
                architecture: Architecture(kind: .deepfm, fields: fields, embeddingDimension: 2, hiddenSizes: hidden),
                seed: 5)
            let input = ModelInput(count: 4, columns: [.dense([1, 2, -1, -2]), .dense([0, 1, 0, 1])])
            let labels: [Float] = [1, 1, 0, 0]
            var workspace = model.makeWorkspace(rows: 4)
            var gradient = Gradient(for: model)
            var optimizer = Optimizer(.adam(learningRate: 0.05), for: model)
            var losses: [Double] = []
            for _ in 0..<60 {
                gradient.clear()
                losses.append(
                    model.lossAndGradient(
                        input, rows: [0, 1, 2, 3], labels: labels, workspace: &workspace, gradient: &gradient))
                optimizer.step(&model, gradient)
            }
            #expect(losses[0] > 0.6 && losses[59] < 0.1)
        }
    }

    @Test func `the documentation's example runs`() {
        let architecture = Architecture(
            kind: .deepfm,
            fields: [
                .init(name: "item", kind: .categorical, rows: 10_000),
                .init(name: "genres", kind: .multivalued, rows: 21),
            ],
            embeddingDimension: 16, hiddenSizes: [64, 32])
        let input = ModelInput(
            count: 3, columns: [.categorical([7, 0, 42]), .multivalued(offsets: [0, 2, 2, 3], ids: [1, 5, 3])])

        var model = CTRModel(architecture: architecture, seed: 1)
        var workspace = model.makeWorkspace(rows: 512)
        var gradient = Gradient(for: model)
        var optimizer = Optimizer(.adam(learningRate: 0.001), for: model)
        for _ in 1...10 {
            gradient.clear()
            model.lossAndGradient(
                input, rows: [2, 0, 1], labels: [1, 0, 0.4], workspace: &workspace, gradient: &gradient)
            optimizer.step(&model, gradient)
        }
        var logits: [Float] = [0, 0, 0]
        model.logits(input, rows: 0..<3, workspace: &workspace, into: &logits)
        let bytes = model.safetensors()
        #expect(logits[0] > logits[1])
        #expect(!bytes.isEmpty)
    }

    @Test func `a diverged model's loss is not finite`() {
        var model = Small.model(Small.deepfm)
        model.parameters.dense[model.parameters.dense.count - 1] = .nan
        var workspace = model.makeWorkspace(rows: 6)
        var gradient = Gradient(for: model)
        let loss = model.lossAndGradient(
            Small.input, rows: [0, 1], labels: Small.labels, workspace: &workspace, gradient: &gradient)
        #expect(!loss.isFinite)
    }

    @Test func `work a sample is counted by hand`() {
        #expect(Small.lr.flopsPerSample() == 6)
        // First order 2·3; pairs (4·3 + 3)·3; layers 9→5→2→1: 5·20 + 2·12 + 4.
        #expect(Small.deepfm.flopsPerSample() == 6 + 45 + 100 + 24 + 4)
        // Nine pooled and pair numbers beside three products of three: 12→5→2→1, and 2·3 a product.
        #expect(Small.deep(.pnn).flopsPerSample() == 18 + 5 * 26 + 24 + 4)
        #expect(Small.deep(.dcnV2, crossLayers: 2).flopsPerSample() == 2 * 9 * 21 + 18 + 100 + 24 + 4)
        // Four fields and keys of six: 18→5→2→1, and a position 24→4→3→1 and its pooling.
        let din = Small.deep(.din, attentionSizes: [4, 3])
        #expect(din.flopsPerSample() == 5 * 38 + 24 + 4)
        #expect(din.flopsPerSample(historyLength: 7) == 5 * 38 + 24 + 4 + 7 * (4 * 50 + 3 * 10 + 7 + 12))
    }

    @Test func `the generator is the published one`() {
        var random = SplitMix64(seed: 1_234_567)
        let first = (0..<5).map { _ in random.next() }
        #expect(
            first == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
            ])
    }

    @Test func `a shuffle keeps every element and favours none`() {
        var random = SplitMix64(seed: 9)
        var firsts = [Int](repeating: 0, count: 5)
        for _ in 0..<5000 {
            var order = [0, 1, 2, 3, 4]
            random.shuffle(&order)
            #expect(order.sorted() == [0, 1, 2, 3, 4])
            firsts[order[0]] += 1
        }
        // 1000 each; six standard deviations are 170.
        #expect(firsts.allSatisfy { abs($0 - 1000) < 170 })
    }
}
