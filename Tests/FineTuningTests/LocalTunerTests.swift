import CTRModels
import Foundation
import Testing

@testable import FineTuning

@Suite("A user's model, tuned")
struct LocalTunerTests {
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

    /// A tuner that has begun on the samples.
    private func begun(_ schedule: LocalSchedule = LocalSchedule(), cloud: CTRModel? = nil) -> LocalTuner {
        var tuner = LocalTuner(cloud: cloud ?? self.cloud, schedule: schedule)
        tuner.begin(Self.samples)
        return tuner
    }

    /// One that is tuned on the train samples.
    private func tuned(
        _ schedule: LocalSchedule = LocalSchedule(), _ targets: LocalTargets = LocalTargets(labels: Self.labels),
        cloud: CTRModel? = nil, seed: UInt64 = 1
    ) throws -> LocalTuner {
        var tuner = begun(schedule, cloud: cloud)
        try tuner.tune(on: Self.train, targets, seed: seed)
        return tuner
    }

    @Test("scores as the cloud model does before it is tuned")
    func untuned() throws {
        let cloud = cloud
        var expected = [Float](repeating: 0, count: 12)
        var workspace = cloud.makeWorkspace(rows: 12)
        cloud.logits(Self.samples, rows: 0..<12, workspace: &workspace, into: &expected)
        var tuner = begun()
        #expect(try tuner.logits(0..<12) == expected)
        #expect(try tuner.logits(Self.scored) == Array(expected[Self.scored]))
    }

    @Test("scores a user of any number of samples, each as it would alone")
    func manySamples() throws {
        let count = 1300
        let items = (0..<count).map { UInt32($0 % 50) }
        let genres = (0..<count).map { UInt32($0 % 9) }
        var tuner = LocalTuner(cloud: cloud, schedule: LocalSchedule())
        tuner.begin(
            ModelInput(
                count: count,
                columns: [.categorical(items), .multivalued(offsets: (0...count).map { Int32($0) }, ids: genres)]))
        let all = try tuner.logits(0..<count)
        #expect(all.count == count)
        for row in [0, 63, 64, 65, 511, 512, 1299] {
            let alone = try tuner.logits(row..<row + 1)[0]
            #expect(abs(all[row] - alone) < 1e-5, "row \(row)")
        }
        #expect(try tuner.logits(500..<1100).elementsEqual(all[500..<1100]) { abs($0 - $1) < 1e-5 })
    }

    @Test("fits its train samples better after tuning and leaves the cloud model alone", arguments: [0, 1])
    func tuning(method: Int) throws {
        let methods: [Optimizer.Method] = [.sgd(learningRate: 0.5), .adam(learningRate: 0.01)]
        let cloud = cloud
        let before = cloud.parameters
        var tuner = begun(LocalSchedule(optimizer: methods[method], epochs: 20, batchSize: 3), cloud: cloud)
        let untunedLoss = try loss(&tuner)
        try tuner.tune(on: Self.train, LocalTargets(labels: Self.labels), seed: 1)
        #expect(try loss(&tuner) < 0.8 * untunedLoss)
        #expect(cloud.parameters == before)
    }

    @Test("moves only rows that its train samples touch")
    func touchedRows() throws {
        let cloud = cloud
        let tuner = try tuned(LocalSchedule(optimizer: .adam(learningRate: 0.1)), cloud: cloud)
        var tuned = cloud
        tuner.overlay.write(to: &tuned)
        for item in 0..<50 {
            let hasMoved = tuned.parameters.tables[0][item] != cloud.parameters.tables[0][item]
            #expect(hasMoved == [3, 7, 11, 20].contains(item), "item \(item)")
        }
        #expect(tuned.parameters.tables[1][6] == cloud.parameters.tables[1][6])
    }

    @Test(
        "moves the part that it is told to move, and that exactly as far as if all moved in one step",
        arguments: ParameterPart.allCases, [Optimizer.Method.sgd(learningRate: 0.1), .adam(learningRate: 0.1)])
    func parts(part: ParameterPart, method: Optimizer.Method) throws {
        let all = try tuned(LocalSchedule(optimizer: method)).overlay.model.parameters
        let some = try tuned(LocalSchedule(optimizer: method, tuned: part)).overlay.model.parameters
        let start = begun().overlay.model.parameters
        let outputs: Set = ["bias", "mlp.2.weight"]
        for tensor in start.layout.tensors {
            let isTable = if case .table = tensor.place { true } else { false }
            let moves =
                switch part {
                case .all: true
                case .dense: !isTable
                case .embeddings: isTable
                case .lastLayer: outputs.contains(tensor.name)
                case .bias: tensor.name == "bias"
                }
            #expect(all.values(of: tensor) != start.values(of: tensor), "\(tensor.name)")
            #expect(some.values(of: tensor) == (moves ? all : start).values(of: tensor), "\(tensor.name)")
        }
    }

    @Test("is pulled back to the cloud's weights, the more the stronger the pull")
    func pull() throws {
        let start = begun().overlay.model.parameters
        func distance(_ pull: Double) throws -> Float {
            let moved = try tuned(LocalSchedule(epochs: 5, batchSize: 4, pull: pull)).overlay.model.parameters
            return zip(moved.dense + moved.tables.flatMap(\.values), start.dense + start.tables.flatMap(\.values))
                .reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        }
        let (free, weak, strong) = (try distance(0), try distance(0.5), try distance(4))
        #expect(free > weak && weak > strong && strong > 0)
    }

    @Test("weighs samples: a weight of 2 is the sample twice, 0 is its absence but for the mean")
    func weights() throws {
        let schedule = LocalSchedule(batchSize: 8)
        let twice = LocalTargets(labels: Self.labels, weights: [Float](repeating: 2, count: 12))
        var doubled = schedule
        doubled.optimizer = .sgd(learningRate: 0.2)
        let weighted = try tuned(schedule, twice).overlay.model.parameters
        let faster = try tuned(doubled).overlay.model.parameters
        #expect(zip(weighted.dense, faster.dense).allSatisfy { abs($0 - $1) < 1e-6 })
        let none = LocalTargets(labels: Self.labels, weights: [Float](repeating: 0, count: 12))
        #expect(try tuned(schedule, none).overlay.model.parameters == begun().overlay.model.parameters)
    }

    @Test("trains with the offset on the logit and scores without it")
    func offset() throws {
        let schedule = LocalSchedule(batchSize: 8)
        // At a large offset every probability is 1: only samples labelled 0 have a gradient, and the bias falls.
        let tuner = try tuned(schedule, LocalTargets(labels: Self.labels, logitOffset: 40))
        let zeros = Self.train.count { Self.labels[$0] == 0 }
        #expect(abs(tuner.overlay.model.parameters.bias + 0.1 * Float(zeros) / 8) < 1e-5)
        let ones = LocalTargets(labels: [Float](repeating: 1, count: 12), logitOffset: 40)
        let still = try tuned(schedule, ones).overlay.model.parameters
        #expect(zip(still.dense, begun().overlay.model.parameters.dense).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    @Test(
        "leaves what does not move as the cloud has it, to the last bit, whatever the offset",
        arguments: [-2.2, 5, 700])
    func offsetOfStillBias(_ offset: Float) throws {
        var cloud = cloud
        cloud.parameters.bias = -1.234_567_8
        let targets = LocalTargets(labels: Self.labels, logitOffset: offset)
        let tuner = try tuned(LocalSchedule(epochs: 3, batchSize: 4, tuned: .embeddings), targets, cloud: cloud)
        #expect(tuner.overlay.model.parameters.dense == cloud.parameters.dense)
        let some = try tuned(LocalSchedule(tuned: .lastLayer), targets, cloud: cloud)
        #expect(some.overlay.model.parameters.tables == begun(cloud: cloud).overlay.model.parameters.tables)
    }

    @Test("a pull draws to the cloud's weights also when tuning goes on from tuned ones")
    func pullFromTuned() throws {
        let none = LocalTargets(labels: Self.labels, weights: [Float](repeating: 0, count: 12))
        var tuner = begun(LocalSchedule(epochs: 40, batchSize: 8, pull: 1))
        let start = tuner.overlay.model.parameters
        try tuner.tune(on: Self.train, none, seed: 1)
        #expect(tuner.overlay.model.parameters == start)
        tuner.overlay.model.parameters.dense = start.dense.map { $0 + 1 }
        try tuner.tune(on: Self.train, none, seed: 1)
        #expect(zip(tuner.overlay.model.parameters.dense, start.dense).allSatisfy { abs($0 - $1) < 0.05 })
    }

    @Test("is the same for the same seed and another for another seed")
    func seeds() throws {
        let schedule = LocalSchedule(batchSize: 2)
        #expect(try tuned(schedule, seed: 1).overlay.model == tuned(schedule, seed: 1).overlay.model)
        #expect(try tuned(schedule, seed: 1).overlay.model != tuned(schedule, seed: 2).overlay.model)
    }

    @Test("is the same bits whichever users came before, and after a restart", arguments: [0, 1])
    func reuse(method: Int) throws {
        let methods: [Optimizer.Method] = [.sgd(learningRate: 0.5), .adam(learningRate: 0.01)]
        let schedule = LocalSchedule(optimizer: methods[method], epochs: 2, batchSize: 3)
        let fresh = try tuned(schedule)
        var tuner = LocalTuner(cloud: cloud, schedule: schedule)
        let others = [
            ModelInput(count: 0, columns: [.categorical([]), .multivalued(offsets: [0], ids: [])]),
            ModelInput(count: 1, columns: [.categorical([49]), .multivalued(offsets: [0, 2], ids: [8, 8])]),
            ModelInput(
                count: 40,
                columns: [
                    .categorical((0..<40).map { UInt32($0) }),
                    .multivalued(offsets: (0...40).map { Int32($0) }, ids: (0..<40).map { UInt32($0 % 9) }),
                ]),
        ]
        for other in others {
            tuner.begin(other)
            try tuner.tune(
                on: 0..<other.count, LocalTargets(labels: [Float](repeating: 1, count: other.count)), seed: 9)
        }
        tuner.begin(Self.samples)
        try tuner.tune(on: Self.train, LocalTargets(labels: Self.labels), seed: 1)
        #expect(tuner.overlay.model == fresh.overlay.model)
        tuner.restart()
        #expect(tuner.overlay.model == begun().overlay.model)
        try tuner.tune(on: Self.train, LocalTargets(labels: Self.labels), seed: 1)
        #expect(tuner.overlay.model == fresh.overlay.model)
    }

    @Test("never looks at labels outside the rows it is tuned on")
    func otherLabels() throws {
        var changed = Self.labels
        for row in Self.scored { changed[row] = 1 - changed[row] }
        #expect(try tuned().overlay.model == tuned(LocalSchedule(), LocalTargets(labels: changed)).overlay.model)
    }

    @Test("holds only the rows that its samples touch, however large the table")
    func size() {
        var architecture = Self.architecture
        architecture.fields[0].rows = 100_000
        let tuner = begun(cloud: CTRModel(architecture: architecture, seed: 5))
        // Row 0 and items 3, 7, 11, 20, 40.
        #expect(tuner.overlay.model.parameters.tables[0].rows == 6)
    }

    @Test("says that it diverged instead of giving numbers that are not finite, and tunes the next user well")
    func divergence() throws {
        var tuner = begun(LocalSchedule(optimizer: .sgd(learningRate: 1e30), epochs: 5))
        let error = #expect(throws: FineTuningError.self) {
            try tuner.tune(on: Self.train, LocalTargets(labels: Self.labels), seed: 1)
            _ = try tuner.logits(Self.scored)
        }
        #expect(error?.code == .diverged)
        tuner.begin(Self.samples)
        #expect(tuner.overlay.model == begun().overlay.model)
    }

    @Test("stays as it was without train samples")
    func nothingToTuneOn() throws {
        var tuner = begun()
        try tuner.tune(on: 0..<0, LocalTargets(labels: Self.labels, logitOffset: 3), seed: 1)
        #expect(tuner.overlay.model == begun().overlay.model)
    }

    private func loss(_ tuner: inout LocalTuner) throws -> Double {
        let logits = try tuner.logits(0..<12)
        return Self.train.reduce(0) { sum, row in
            let margin = Double(logits[row]) * (Self.labels[row] == 1 ? 1 : -1)
            return sum + max(0, -margin) + log1p(exp(-abs(margin)))
        }
    }
}

extension CTRModel {
    /// The same architecture and the same bits.
    fileprivate static func == (a: CTRModel, b: CTRModel) -> Bool {
        a.architecture == b.architecture && a.parameters == b.parameters
    }

    fileprivate static func != (a: CTRModel, b: CTRModel) -> Bool { !(a == b) }
}
