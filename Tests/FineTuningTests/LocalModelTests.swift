import CTRModels
import Foundation
import Testing

@testable import FineTuning

@Suite("A user's local model")
struct LocalModelTests {
    static let architecture = Architecture(
        kind: .deepfm,
        fields: [
            .init(name: "item", kind: .categorical, rows: 50), .init(name: "genres", kind: .multivalued, rows: 9),
        ], embeddingDimension: 4, hiddenSizes: [8])

    /// Twelve samples on six items; item 40 and an unseen one only among the last four, which are scored.
    static let samples = ModelInput(
        count: 12,
        columns: [
            .categorical([3, 7, 3, 11, 7, 3, 20, 11, 40, 3, 0, 7]),
            .multivalued(
                offsets: [0, 1, 3, 3, 4, 5, 7, 8, 8, 10, 11, 12, 12], ids: [1, 2, 3, 4, 1, 2, 5, 8, 8, 1, 2, 6]),
        ])
    static let labels: [Float] = [1, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1]
    static let train = 0..<8
    static let scored = 8..<12

    private var cloud: CTRModel { CTRModel(architecture: Self.architecture, seed: 5) }

    @Test("scores as the cloud model does before it is tuned")
    func untuned() throws {
        let cloud = cloud
        var expected = [Float](repeating: 0, count: 12)
        var workspace = cloud.makeWorkspace(rows: 12)
        cloud.logits(Self.samples, rows: 0..<12, workspace: &workspace, into: &expected)
        let local = LocalModel(cloud: cloud, samples: Self.samples)
        #expect(try local.logits(0..<12) == expected)
        #expect(try local.logits(Self.scored) == Array(expected[Self.scored]))
    }

    @Test("scores a user of any number of samples, each as it would alone")
    func manySamples() throws {
        let count = 1300
        let items = (0..<count).map { UInt32($0 % 50) }
        let genres = (0..<count).map { UInt32($0 % 9) }
        let local = LocalModel(
            cloud: cloud,
            samples: ModelInput(
                count: count,
                columns: [.categorical(items), .multivalued(offsets: (0...count).map { Int32($0) }, ids: genres)]))
        let all = try local.logits(0..<count)
        #expect(all.count == count)
        for row in [0, 511, 512, 513, 1023, 1024, 1299] {
            let alone = try local.logits(row..<row + 1)[0]
            #expect(abs(all[row] - alone) < 1e-5, "row \(row)")
        }
        #expect(try local.logits(500..<1100).elementsEqual(all[500..<1100]) { abs($0 - $1) < 1e-5 })
    }

    @Test("fits its train samples better after tuning and leaves the cloud model alone", arguments: [0, 1])
    func tuning(method: Int) throws {
        let methods: [Optimizer.Method] = [.sgd(learningRate: 0.5), .adam(learningRate: 0.01)]
        let cloud = cloud
        let before = cloud.parameters
        var local = LocalModel(cloud: cloud, samples: Self.samples)
        let untunedLoss = try loss(local)
        try local.tune(
            on: Self.train, labels: Self.labels,
            schedule: LocalSchedule(optimizer: methods[method], epochs: 20, batchSize: 3), seed: 1)
        #expect(try loss(local) < 0.8 * untunedLoss)
        #expect(cloud.parameters == before)
    }

    @Test("moves only rows that its train samples touch")
    func touchedRows() throws {
        let cloud = cloud
        var local = LocalModel(cloud: cloud, samples: Self.samples)
        try local.tune(
            on: Self.train, labels: Self.labels, schedule: LocalSchedule(optimizer: .adam(learningRate: 0.1)), seed: 1)
        var tuned = cloud
        local.overlay.write(to: &tuned)
        for item in 0..<50 {
            let hasMoved = tuned.parameters.tables[0][item] != cloud.parameters.tables[0][item]
            #expect(hasMoved == [3, 7, 11, 20].contains(item), "item \(item)")
        }
        #expect(tuned.parameters.tables[1][6] == cloud.parameters.tables[1][6])
    }

    @Test("is the same for the same seed and another for another seed")
    func seeds() throws {
        func tuned(seed: UInt64) throws -> [Float] {
            var local = LocalModel(cloud: cloud, samples: Self.samples)
            try local.tune(on: Self.train, labels: Self.labels, schedule: LocalSchedule(batchSize: 2), seed: seed)
            return try local.logits(Self.scored)
        }
        #expect(try tuned(seed: 1) == tuned(seed: 1))
        #expect(try tuned(seed: 1) != tuned(seed: 2))
    }

    @Test("never looks at labels outside the rows it is tuned on")
    func otherLabels() throws {
        var changed = Self.labels
        for row in Self.scored { changed[row] = 1 - changed[row] }
        var a = LocalModel(cloud: cloud, samples: Self.samples)
        var b = a
        try a.tune(on: Self.train, labels: Self.labels, schedule: LocalSchedule(), seed: 1)
        try b.tune(on: Self.train, labels: changed, schedule: LocalSchedule(), seed: 1)
        #expect(try a.logits(Self.scored) == b.logits(Self.scored))
    }

    @Test("holds only the rows that its samples touch, however large the table")
    func size() {
        var architecture = Self.architecture
        architecture.fields[0].rows = 100_000
        let local = LocalModel(cloud: CTRModel(architecture: architecture, seed: 5), samples: Self.samples)
        // Row 0 and items 3, 7, 11, 20, 40.
        #expect(local.overlay.model.parameters.tables[0].rows == 6)
    }

    @Test("says that it diverged instead of giving numbers that are not finite")
    func divergence() throws {
        var local = LocalModel(cloud: cloud, samples: Self.samples)
        let error = #expect(throws: FineTuningError.self) {
            try local.tune(
                on: Self.train, labels: Self.labels,
                schedule: LocalSchedule(optimizer: .sgd(learningRate: 1e30), epochs: 5), seed: 1)
            _ = try local.logits(Self.scored)
        }
        #expect(error?.code == .diverged)
    }

    @Test("stays as it was without train samples")
    func nothingToTuneOn() throws {
        var local = LocalModel(cloud: cloud, samples: Self.samples)
        let before = try local.logits(Self.scored)
        try local.tune(on: 0..<0, labels: Self.labels, schedule: LocalSchedule(), seed: 1)
        #expect(try local.logits(Self.scored) == before)
    }

    private func loss(_ local: LocalModel) throws -> Double {
        let logits = try local.logits(0..<12)
        return Self.train.reduce(0) { sum, row in
            let margin = Double(logits[row]) * (Self.labels[row] == 1 ? 1 : -1)
            return sum + max(0, -margin) + log1p(exp(-abs(margin)))
        }
    }
}
