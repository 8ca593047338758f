import Dispatch
import Testing

@testable import CTRModels

@Suite struct ShardedTrainerTests {
    private static let fields: [Architecture.Field] = [
        .init(name: "item", kind: .categorical, rows: 300), .init(name: "genres", kind: .multivalued, rows: 9),
        .init(name: "age", kind: .dense, rows: 0), .init(name: "site", kind: .categorical, rows: 3),
    ]
    private static let architecture = Architecture(
        kind: .deepfm, fields: fields, embeddingDimension: 5, hiddenSizes: [11, 6], activation: .dice, dropout: 0.2)
    private static let mode = PassMode.training(seed: 3, step: 0)
    private static let rows = 1500

    /// Rows at random, with missing ids and ids that a table does not have.
    private static let samples: (input: ModelInput, labels: [Float], weights: [Float]) = {
        var random = SplitMix64(seed: 4)
        func id(_ bound: UInt64) -> UInt32 { UInt32(random.next() % bound) }
        var offsets: [Int32] = [0]
        var genres: [UInt32] = []
        for _ in 0..<rows {
            for _ in 0..<id(4) { genres.append(id(11)) }
            offsets.append(Int32(genres.count))
        }
        let input = ModelInput(
            count: rows,
            columns: [
                .categorical((0..<rows).map { _ in id(320) }), .multivalued(offsets: offsets, ids: genres),
                .dense((0..<rows).map { _ in Float(random.nextNormal()) }), .categorical((0..<rows).map { _ in id(4) }),
            ])
        return (
            input, (0..<rows).map { _ in Float(id(2)) }, (0..<rows).map { _ in Float(random.nextUniform() + 0.5) }
        )
    }()

    /// Batches of sizes that make one shard, two, some, and eight.
    private static let batches: [ArraySlice<Int32>] = {
        var random = SplitMix64(seed: 5)
        return [1, 40, 130, 333, 512, 1300].map { size in
            (0..<size).map { _ in Int32(random.next() % UInt64(rows)) }[...]
        }
    }()

    private func trained(
        by method: Optimizer.Method, perform: ShardedTrainer.Perform
    ) -> (ShardedTrainer, losses: [Double]) {
        let model = Small.model(Self.architecture)
        var trainer = ShardedTrainer(model, Optimizer(method, weightDecay: 0.01, for: model))
        let losses = Self.batches.map {
            trainer.step(
                Self.samples.input, rows: $0, labels: Self.samples.labels, weights: Self.samples.weights,
                mode: Self.mode, perform: perform)
        }
        return (trainer, losses)
    }

    private func serial(_ count: Int, _ body: @Sendable (Int) -> Void) {
        for index in 0..<count { body(index) }
    }

    @Test(arguments: OptimizerTests.methods) func `steps are the optimiser's on the shards' gradients added in order`(
        method: Optimizer.Method
    ) {
        var model = Small.model(Self.architecture)
        var optimizer = Optimizer(method, weightDecay: 0.01, for: model)
        var losses: [Double] = []
        for rows in Self.batches {
            var sum = Gradient(for: model)
            var loss = 0.0
            for part in ShardedTrainer.shards(of: rows.count) {
                var gradient = Gradient(for: model)
                var workspace = model.makeWorkspace(rows: part.count)
                loss += model.lossAndGradient(
                    Self.samples.input, rows: rows[part], labels: Self.samples.labels,
                    weights: Self.samples.weights, batchRows: rows.count, firstPlace: part.lowerBound,
                    mode: Self.mode, workspace: &workspace, gradient: &gradient)
                sum.add(gradient)
            }
            optimizer.step(&model, sum)
            losses.append(loss)
        }
        let (trainer, sharded) = trained(by: method, perform: serial)
        #expect(trainer.model.parameters == model.parameters)
        #expect(sharded == losses)
        #expect(trainer.optimizer.dense == optimizer.dense)
        #expect(trainer.optimizer.tables == optimizer.tables)
    }

    @Test(arguments: OptimizerTests.methods) func `the order and number of threads change no bit`(
        method: Optimizer.Method
    ) {
        let (expected, losses) = trained(by: method, perform: serial)
        let orders: [ShardedTrainer.Perform] = [
            { count, body in for index in (0..<count).reversed() { body(index) } },
            { count, body in DispatchQueue.concurrentPerform(iterations: count, execute: body) },
        ]
        for perform in orders {
            let (actual, actualLosses) = trained(by: method, perform: perform)
            #expect(actual.model.parameters == expected.model.parameters)
            #expect(actual.optimizer.tables == expected.optimizer.tables)
            #expect(actualLosses == losses)
        }
    }

    @Test func `shards depend on the rows alone, are even, and not small`() {
        for rows in [1, 63, 64, 127, 128, 200, 511, 512, 1000, 100_000] {
            let shards = ShardedTrainer.shards(of: rows)
            #expect(shards.first?.lowerBound == 0 && shards.last?.upperBound == rows)
            #expect(zip(shards, shards.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
            let sizes = shards.map(\.count)
            #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
            #expect(shards.count == 1 || sizes.allSatisfy { $0 >= ShardedTrainer.fewestShardRows })
            #expect(shards.count <= ShardedTrainer.mostShards)
        }
        #expect(ShardedTrainer.shards(of: 1024).count == ShardedTrainer.mostShards)
    }

    @Test func `a step's learning rate may be set`() {
        let start = Small.model(Self.architecture)
        func moved(_ rate: Double?, method: Optimizer.Method) -> Parameters {
            var trainer = ShardedTrainer(start, Optimizer(method, for: start))
            if let rate { trainer.optimizer.learningRate = rate }
            trainer.step(
                Self.samples.input, rows: Self.batches[2], labels: Self.samples.labels, perform: serial)
            return trainer.model.parameters
        }
        for (method, slower) in [
            (Optimizer.Method.sgd(learningRate: 0.5), Optimizer.Method.sgd(learningRate: 0.25)),
            (.adam(learningRate: 0.5), .adam(learningRate: 0.25)),
            (.adagrad(learningRate: 0.5), .adagrad(learningRate: 0.25)),
        ] {
            #expect(moved(0.25, method: method) == moved(nil, method: slower))
            #expect(moved(0.25, method: method) != moved(nil, method: method))
        }
    }
}
