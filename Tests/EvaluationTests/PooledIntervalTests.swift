import Foundation
import Samples
import Testing

@testable import Evaluation

@Suite("Intervals of differences in pooled AUC")
struct PooledIntervalTests {
    /// Users of three kinds, each with its own share of positives and its own level of scores, which the arms follow more or less.
    private struct Population {
        struct Kind {
            let share: Double
            let positives: Double
            let level: Double
        }

        /// `signal · label + follows · level` and noise of variance 1, of which `common` is the same in both arms.
        struct Arm {
            let name: String
            let signal: Double
            let follows: Double
        }

        let kinds = [
            Kind(share: 0.3, positives: 0.1, level: -1), Kind(share: 0.45, positives: 0.35, level: 0),
            Kind(share: 0.25, positives: 0.7, level: 1),
        ]
        let arms = [Arm(name: "cloud", signal: 0.8, follows: 0.3), Arm(name: "finetuned", signal: 0.7, follows: 0.8)]
        let common = 0.5
        let mostRows: UInt64 = 12

        /// The AUC of an arm over ever more users, in closed form: a positive of kind k lies above a negative of kind l with the
        /// probability Φ((signal + follows · (levelₖ − levelₗ)) / √2), and how many rows a user has does not depend on the kind.
        func auc(_ arm: Arm) -> Double {
            var ordered = 0.0
            var pairs = 0.0
            for positive in kinds {
                for negative in kinds {
                    let weight =
                        positive.share * positive.positives * negative.share * (1 - negative.positives)
                    let gap = arm.signal + arm.follows * (positive.level - negative.level)
                    ordered += weight * erfc(-gap / 2) / 2
                    pairs += weight
                }
            }
            return ordered / pairs
        }

        /// The rows of so many users.
        func sample(users: Int, _ random: inout SplitMix64) -> PredictionBatch {
            var batch = PredictionBatch(ScoredRows.schema(users: users, arms: arms.map(\.name)))
            var keys: [Int64] = []
            for user in 0..<users {
                let kind = self.kind(at: random.uniform())
                for row in 0..<(1 + random.next() % mostRows) {
                    let isPositive = random.uniform() < kind.positives
                    keys.append(Int64(user))
                    batch.times.append(Int64(row))
                    batch.labels.append(isPositive ? 1 : 0)
                    let shared = common.squareRoot() * random.normal()
                    for (index, arm) in arms.enumerated() {
                        batch.logits[index].append(
                            (isPositive ? arm.signal : 0) + arm.follows * kind.level + shared
                                + (1 - common).squareRoot() * random.normal())
                    }
                }
            }
            batch.users = .integers(keys)
            batch.parts = keys.map { _ in .test }
            batch.items = keys.map { _ in 0 }
            batch.trainSamples = keys.map { _ in 1 }
            batch.trainPositives = keys.map { _ in 0 }
            batch.itemSeen = keys.map { _ in false }
            batch.kept = keys.map { _ in true }
            return batch
        }

        private func kind(at place: Double) -> Kind {
            place < kinds[0].share ? kinds[0] : place < kinds[0].share + kinds[1].share ? kinds[1] : kinds[2]
        }
    }

    private static let population = Population()
    private static let truth = population.auc(population.arms[1]) - population.auc(population.arms[0])

    /// How many of a thousand runs' intervals hold the true difference.
    private static func covered(users: Int, resamples: Int) async throws -> Int {
        var random = SplitMix64(seed: 23)
        var covered = 0
        for run in 0..<1000 {
            var evaluator = Evaluator(EvaluationSettings())
            try evaluator.add(population.sample(users: users, &random))
            let evaluated = try evaluator.finish()
            let comparisons = await evaluated.users.comparisons(
                pooled: evaluated.metrics.arms.map(\.auc),
                UserBootstrap(resamples: resamples, seed: UInt64(run)), threads: 2)
            let comparison = try #require(comparisons.first { $0.metric == .auc })
            covered += try #require(comparison.evidence.interval).contains(truth) ? 1 : 0
        }
        return covered
    }

    @Test("are held against a truth to which many users come close")
    func closedForm() throws {
        var random = SplitMix64(seed: 5)
        var evaluator = Evaluator(EvaluationSettings())
        try evaluator.add(Self.population.sample(users: 10_000, &random))
        for (found, arm) in zip(try evaluator.finish().metrics.arms, Self.population.arms) {
            #expect(abs(try #require(found.auc) - Self.population.auc(arm)) < 0.01)
        }
        #expect(abs(Self.truth) > 0.02)
    }

    @Test("hold the true difference in 93 to 97 % of a thousand simulated runs")
    func coverage() async throws {
        let covered = try await Self.covered(users: 150, resamples: 300)
        #expect((930...970).contains(covered), "\(covered)")
    }
}

extension SplitMix64 {
    /// A number of the standard normal distribution (Box and Muller 1958).
    fileprivate mutating func normal() -> Double {
        (-2 * log(1 - uniform())).squareRoot() * cos(2 * .pi * uniform())
    }
}
