import CTRModels
import Foundation
import Testing

@testable import FineTuning

/// Against weights from PyTorch, on samples with missing and unknown ids, empty lists and repeats: see
/// `scripts/finetuning/make_fixtures.py`.
@Suite("A user's tuned model, beside PyTorch's")
struct TuningOracleTests {
    @Test("takes its samples in the order that the fixtures' steps have", arguments: TunedUser.names)
    func order(name: String) throws {
        let user = try TunedUser(name)
        var order = Array(TunedUser.train)
        var shuffler = SplitMix64(seed: TunedUser.seed)
        var samples: [Int] = []
        var lengths: [Int] = []
        for _ in 0..<TunedUser.epochs {
            shuffler.shuffle(&order)
            samples += order
            lengths += stride(from: 0, to: order.count, by: TunedUser.batchSize)
                .map { min(TunedUser.batchSize, order.count - $0) }
        }
        #expect(try user.expected.integers("batches").map(Int.init) == samples)
        #expect(try user.expected.integers("batches.lengths").map(Int.init) == lengths)
    }

    @Test("has PyTorch's weights and logits after two passes", arguments: TunedUser.names, TuningCase.all)
    func tuned(name: String, what: TuningCase) throws {
        let user = try TunedUser(name)
        var tuner = LocalTuner(cloud: user.cloud, schedule: what.schedule)
        tuner.begin(user.samples)
        try tuner.tune(on: TunedUser.train, what.targets(of: user), seed: TunedUser.seed)
        var model = user.cloud
        tuner.overlay.write(to: &model)

        var expected = try user.expected.floats("\(what.name).weights")[...]
        for tensor in model.parameters.layout.tensors.filter(\.isLearned).sorted(by: { $0.name < $1.name }) {
            let (start, actual) = (user.cloud.parameters.values(of: tensor), model.parameters.values(of: tensor))
            let numbers = expected.prefix(start.count)
            expected = expected.dropFirst(start.count)
            let largestMove = zip(numbers, start).reduce(0) { max($0, abs($1.0 - $1.1)) }
            for (index, number) in numbers.enumerated() {
                // A thousandth of the way, and a float's rounding in each of the eight steps.
                let tolerance = largestMove / 1000 + 8 * max(abs(start[index]), abs(number)).ulp
                #expect(abs(actual[index] - number) <= tolerance, "\(tensor.name), \(index)")
            }
        }
        #expect(expected.isEmpty, "as many weights as the model has")

        let logits = try tuner.logits(TunedUser.scored)
        let expectedLogits = try user.expected.floats("\(what.name).logits")
        #expect(zip(logits, expectedLogits).allSatisfy { abs($0 - $1) <= 1e-5 * max(1, abs($1)) })
        #expect(logits.count == expectedLogits.count)
    }

    /// What would pass here would pass above.
    @Test("is told apart from one that was tuned otherwise", arguments: TunedUser.names)
    func different(name: String) throws {
        let user = try TunedUser(name)
        for what in TuningCase.all {
            let logits = try user.expected.floats("\(what.name).logits")
            for other in TuningCase.all where other.name != what.name {
                let others = try user.expected.floats("\(other.name).logits")
                #expect(zip(logits, others).contains { abs($0 - $1) > 1e-4 }, "\(what.name), \(other.name)")
            }
        }
    }
}

/// One case of the fixtures: an optimiser, what it moves, and what is added to plain tuning.
struct TuningCase: Sendable, CustomTestStringConvertible {
    let optimizer: (name: String, method: Optimizer.Method)
    let part: ParameterPart
    let variant: String

    static let all = [
        ("sgd", Optimizer.Method.sgd(learningRate: 0.5)), ("adam", .adam(learningRate: 0.01)),
        ("adagrad", .adagrad(learningRate: 0.05)),
    ]
    .flatMap { optimizer in
        ParameterPart.allCases.flatMap { part in
            (part == .all ? ["plain", "pull", "weighted", "offset", "every"] : ["plain", "every"])
                .map { TuningCase(optimizer: optimizer, part: part, variant: $0) }
        }
    }

    var name: String { "\(optimizer.name).\(part.rawValue).\(variant)" }
    var testDescription: String { name }

    var schedule: LocalSchedule {
        LocalSchedule(
            optimizer: optimizer.method, epochs: TunedUser.epochs, batchSize: TunedUser.batchSize, tuned: part,
            pull: has("pull") ? 0.3 : 0)
    }

    func targets(of user: TunedUser) -> LocalTargets {
        LocalTargets(
            labels: user.labels, weights: has("weighted") ? user.weights : nil, logitOffset: has("offset") ? 0.7 : 0)
    }

    private func has(_ variant: String) -> Bool { [variant, "every"].contains(self.variant) }
}

/// One user of the fixtures: a cloud model and 24 samples, of which the first 18 are learnt from and the others scored.
struct TunedUser: Sendable {
    static let names = ["wide-deep", "deepfm", "din"]
    static let (train, scored) = (0..<18, 18..<24)
    static let (epochs, batchSize, seed) = (2, 5, UInt64(11))

    let cloud: CTRModel
    let samples: ModelInput
    let labels: [Float]
    let weights: [Float]
    let expected: SafetensorsFile

    init(_ name: String) throws {
        cloud = try CTRModel(safetensors: Self.bytes("\(name).model.safetensors"))
        let expected = try SafetensorsFile(Self.bytes("\(name).tuned.safetensors"))
        self.expected = expected
        labels = try expected.floats("labels")
        weights = try expected.floats("weights")
        samples = ModelInput(
            count: labels.count,
            columns: try cloud.architecture.fields.map { field in
                switch field.kind {
                case .categorical: return .categorical(try expected.integers(field.name).map(UInt32.init))
                case .dense: return .dense(try expected.floats(field.name))
                case .multivalued, .history:
                    let lengths = try expected.integers("\(field.name).lengths")
                    let offsets = lengths.reduce(into: [Int32(0)]) { $0.append($0[$0.count - 1] + Int32($1)) }
                    let ids = try expected.integers("\(field.name).ids")
                    return .multivalued(offsets: offsets, ids: ids.map(UInt32.init))
                }
            })
    }

    private static func bytes(_ file: String) throws -> [UInt8] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
        return [UInt8](try Data(contentsOf: folder.appending(path: file)))
    }
}
