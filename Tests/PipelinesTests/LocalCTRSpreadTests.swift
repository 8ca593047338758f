import Testing

@testable import Pipelines

@Suite("The spread of local CTRs")
struct LocalCTRSpreadTests {
    typealias Counts = (samples: Int, positives: Int)

    /// Users with a probability each, labels drawn by a generator of fixed seed.
    private func draw(_ users: Int, samples: Int, _ probability: (Int) -> Double, seed: UInt64) -> [Counts] {
        var state = seed
        return (0..<users).map { user in
            let positives = (0..<samples).reduce(0) { sum, _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return sum + (Double(state >> 11) / Double(1 << 53) < probability(user) ? 1 : 0)
            }
            return (samples, positives)
        }
    }

    @Test("tells a fixed ratio of negatives, though users differ in size", arguments: [5, 10, 100])
    func fixedRatio(users: Int) {
        let counts: [Counts] = (0..<users).map { (5 * ($0 % 7 + 1), $0 % 7 + 1) }
        let spread = LocalCTRSpread(counts)
        #expect(spread.verdict == .fixedRatio)
        #expect(spread.range == 0.2...0.2)
        #expect(spread.users == users)
    }

    @Test("tells a fixed ratio though the last positives' negatives are not there yet")
    func fixedRatioAtHead() {
        let counts: [Counts] = (0..<100).map { user in
            let positives = user % 5 + 2
            return (5 * positives - user % 3, positives)
        }
        #expect(LocalCTRSpread(counts).verdict == .fixedRatio)
    }

    @Test("users that do not differ are no further apart than chance makes them", arguments: [0.02, 0.2, 0.5])
    func chance(probability: Double) {
        // Of 200 draws all but a few: the bounds lie three deviations below and two above.
        var verdicts: [LocalCTRSpread.Verdict: Int] = [:]
        for seed in 1...200 {
            let counts = draw(60, samples: 12, { _ in probability }, seed: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15)
            verdicts[LocalCTRSpread(counts).verdict, default: 0] += 1
        }
        #expect(verdicts[.chance, default: 0] >= 185, "\(verdicts)")
        #expect(verdicts[.fixedRatio, default: 0] <= 2, "\(verdicts)")
    }

    @Test("users that differ drift")
    func drift() {
        let counts = draw(60, samples: 30, { $0 % 2 == 0 ? 0.2 : 0.6 }, seed: 3)
        #expect(LocalCTRSpread(counts).verdict == .drift)
    }

    @Test(
        "decides nothing from few users, small users or labels all alike",
        arguments: [
            [], [(100, 20)], [(100, 20), (100, 20)], Array(repeating: (4, 2), count: 100),
            Array(repeating: (10, 0), count: 100), Array(repeating: (10, 10), count: 100),
        ] as [[Counts]])
    func undecided(counts: [Counts]) {
        #expect(LocalCTRSpread(counts).verdict == .undecided)
    }
}
