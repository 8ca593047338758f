import Foundation
import LabelCorrection
import Testing

@testable import FineTuning

@Suite("The gate")
struct GateTests {
    private static let train: [Float] = [-1, 0.5, 2, -0.3, 0.1, 1.2]
    private static let counts = ClickCounts(samples: 6, positives: 2)
    private static let labels: [Float] = [1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 0]
    private static let good: [Float] = labels.map { 2 * $0 - 1 }
    private static let bad: [Float] = labels.map { 1 - 2 * $0 }

    private func decide(
        _ gate: Gate = Gate(), cloud: [Float], tuned: [Float], level: Float = 0, labels: [Float] = Self.labels
    ) throws -> GateDecision {
        gate.decide(
            Self.counts, globalCTR: try GlobalCTR(0.4), cloud: .init(train: Self.train[...], validation: cloud[...]),
            tuned: .init(train: Self.train.map { $0 + level }[...], validation: tuned.map { $0 + level }[...]),
            labels: labels)
    }

    @Test("keeps what ranks better and refuses what ranks worse, whatever the level", arguments: [-8, -0.5, 0, 3])
    func level(level: Float) throws {
        let better = try decide(cloud: Self.bad, tuned: Self.good, level: level)
        #expect(better.keeps && better.reason == .better)
        let worse = try decide(cloud: Self.good, tuned: Self.bad, level: level)
        #expect(!worse.keeps && worse.reason == .worse)
        let losses = try #require(better.losses)
        #expect(losses.tuned < losses.cloud)
        // The level alone, however wrong or right, is no difference.
        let same = try decide(cloud: Self.good, tuned: Self.good, level: level)
        #expect(same.keeps && same.reason == .notWorse)
    }

    /// A case of Fixtures/gate.json, which scripts/finetuning/make_gate.py writes.
    struct Case: Decodable {
        struct Model: Decodable {
            let train: [Float]
            let validation: [Float]
            let loss: Double

            var logits: Gate.Logits { .init(train: train[...], validation: validation[...]) }
        }

        let samples: Int
        let positives: Int
        let globalCTR: Double
        let labels: [Float]
        let cloud: Model
        let tuned: Model
    }

    @Test("compares the losses that scipy finds after the intercepts that scipy finds")
    func losses() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/gate.json")
        let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: path))
        #expect(cases.count == 20)
        for expected in cases {
            let decision = Gate().decide(
                ClickCounts(samples: expected.samples, positives: expected.positives),
                globalCTR: try GlobalCTR(expected.globalCTR), cloud: expected.cloud.logits,
                tuned: expected.tuned.logits,
                labels: expected.labels)
            let losses = try #require(decision.losses)
            #expect(abs(losses.cloud - expected.cloud.loss) < 1e-9 * max(1, expected.cloud.loss))
            #expect(abs(losses.tuned - expected.tuned.loss) < 1e-9 * max(1, expected.tuned.loss))
            #expect(decision.keeps == (expected.tuned.loss <= expected.cloud.loss))
        }
    }

    @Test("needs ten validation samples of both classes, and does as it is told without them")
    func standard() throws {
        for standard in Gate.Default.allCases {
            let gate = Gate(default: standard)
            let few = try decide(
                gate, cloud: Array(Self.bad.prefix(9)), tuned: Array(Self.good.prefix(9)),
                labels: Array(Self.labels.prefix(9)))
            #expect(few == GateDecision(keeps: standard == .tuned, reason: .fewValidationSamples))
            let one = try decide(
                gate, cloud: Self.bad, tuned: Self.good, labels: [Float](repeating: 1, count: 12))
            #expect(one == GateDecision(keeps: standard == .tuned, reason: .oneClass))
            let ten = try decide(
                gate, cloud: Array(Self.bad.prefix(10)), tuned: Array(Self.good.prefix(10)),
                labels: Array(Self.labels.prefix(10)))
            #expect(ten.reason == .better)
        }
    }

    @Test("a loss is what tuning makes smaller: weighted, with the offset, by the number of samples")
    func targets() throws {
        // −log σ(0.5) · 2 and −log(1 − σ(−1 + 0.5)) / 4, halved.
        let targets = LocalTargets(labels: [1, 0, 1], weights: [2, 0.25, 9], logitOffset: 0.5)
        let loss = targets.loss(of: [0, -1])
        #expect(abs(loss - (2 * 0.474076984 + 0.25 * 0.474076984) / 2) < 1e-6)
        #expect(targets.loss(of: []) == 0)
    }
}
