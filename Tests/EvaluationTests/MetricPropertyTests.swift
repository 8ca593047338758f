import Testing

@testable import Evaluation

@Suite("Metrics of random rows")
struct MetricPropertyTests {
    @Test("AUC counts every pair of a positive and a negative, ties half", arguments: 0..<50)
    func bruteForce(_ seed: UInt64) throws {
        let rows = ScoredRows.random(seed: seed, users: 1, mostRows: 60)
        let arm = try rows.evaluated().arms[0]
        var pairs = 0
        var won = 0.0
        for a in 0..<rows.count where rows.labels[a] == 1 {
            for b in 0..<rows.count where rows.labels[b] == 0 {
                pairs += 1
                won += rows.logits[a] > rows.logits[b] ? 1 : rows.logits[a] == rows.logits[b] ? 0.5 : 0
            }
        }
        #expect(arm.auc == (pairs == 0 ? nil : won / Double(pairs)))
        // One user: the user means are that AUC, the weighted one after a product and a quotient.
        #expect(arm.averageAUC == arm.auc)
        #expect(abs((arm.gauc ?? -1) - (arm.auc ?? -1)) < 1e-15)
    }

    @Test("ranking metrics do not change when scores are stretched and keep their order", arguments: 0..<10)
    func monotoneTransform(_ seed: UInt64) throws {
        let rows = ScoredRows.random(seed: seed, users: 40, mostRows: 20)
        let arm = try rows.evaluated().arms[0]
        let stretched = try rows.mapLogits { $0 * $0 * $0 + 3 * $0 - 7 }.evaluated().arms[0]
        #expect(stretched.auc == arm.auc)
        #expect(stretched.gauc == arm.gauc)
        #expect(stretched.averageAUC == arm.averageAUC)
        #expect(stretched.logLoss != arm.logLoss)
    }

    @Test("AUC of the scores turned round is one less AUC", arguments: 0..<10)
    func negation(_ seed: UInt64) throws {
        let rows = ScoredRows.random(seed: seed, users: 40, mostRows: 20)
        let arm = try rows.evaluated().arms[0]
        let turned = try rows.mapLogits { -$0 }.evaluated().arms[0]
        for metric in [Metric.auc, .gauc, .averageAUC] {
            let sum = try #require(arm[metric]) + #require(turned[metric])
            #expect(abs(sum - 1) < 1e-14)
        }
    }

    @Test("the order of users changes no pooled metric by a bit, and user means by rounding at most", arguments: 0..<10)
    func userOrder(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let rows = ScoredRows.random(seed: seed, users: 60, mostRows: 15)
        let shuffled = rows.gathering(rows.userRanges.shuffled(using: &random).flatMap(Array.init))
        #expect(shuffled.users != rows.users)
        let arm = try rows.evaluated().arms[0]
        let other = try shuffled.evaluated().arms[0]
        for metric in [Metric.auc, .logLoss, .pcoc, .ece] { #expect(other[metric] == arm[metric]) }
        for metric in [Metric.gauc, .averageAUC] {
            #expect(abs(try #require(other[metric]) - #require(arm[metric])) < 1e-14)
        }
    }

    @Test("the order of a user's rows changes nothing", arguments: 0..<10)
    func rowOrder(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let rows = ScoredRows.random(seed: seed, users: 30, mostRows: 25)
        let shuffled = rows.gathering(rows.userRanges.flatMap { $0.shuffled(using: &random) })
        #expect(try shuffled.evaluated() == rows.evaluated())
    }
}
