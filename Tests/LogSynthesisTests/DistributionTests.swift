import Testing

@testable import LogSynthesis

@Suite("What is drawn")
struct DistributionTests {
    private static let draws = 100_000

    @Test("users' shares are scipy's and add up to 1")
    func activityShares() throws {
        for oracle in try ScipyFixture.load().activity {
            let activity = UserActivity(users: oracle.users, sigma: oracle.sigma)
            let shares = (0..<oracle.users).map(activity.share(ofRank:))
            #expect(abs(shares.reduce(0, +) - 1) < 1e-12)
            for (ours, theirs) in zip(shares, oracle.shares) { #expect(abs(ours - theirs) < 1e-14) }
        }
    }

    @Test("users are drawn as often as their shares say")
    func activityDraws() throws {
        for oracle in try ScipyFixture.load().activity {
            let activity = UserActivity(users: oracle.users, sigma: oracle.sigma)
            var random = RandomStream(seed: 3, .rows)
            var counts = [Int](repeating: 0, count: oracle.users)
            for _ in 0..<Self.draws { counts[activity.rank(random.nextUniform())] += 1 }
            #expect(ChiSquare(counts: counts, shares: oracle.shares).excess < 4, "\(oracle.users), \(oracle.sigma)")
        }
    }

    @Test("users' activity is log-normal: mean and variance of its logarithm", arguments: [0.3, 1, 1.5])
    func activityMoments(sigma: Double) {
        let users = 20_000
        let activity = UserActivity(users: users, sigma: sigma)
        var (sum, squares) = (0.0, 0.0)
        for rank in 0..<users {
            let logarithm = PortableMath.logarithm(activity.share(ofRank: rank) * Double(users))
            sum += logarithm
            squares += logarithm * logarithm
        }
        let mean = sum / Double(users)
        // Only the outermost cells' means differ from a point of the distribution by more than 1e-3.
        #expect(abs(mean + sigma * sigma / 2) < 1e-3)
        #expect(abs(squares / Double(users) - mean * mean - sigma * sigma) < 2e-3 * sigma * sigma)
    }

    @Test("items are drawn as often as Zipf's law says")
    func zipfDraws() throws {
        for oracle in try ScipyFixture.load().zipf {
            let law = ZipfRanks(count: oracle.items, exponent: oracle.exponent)
            var random = RandomStream(seed: 5, .rows)
            var counts = [Int](repeating: 0, count: oracle.items)
            for _ in 0..<Self.draws { counts[law.draw(&random) - 1] += 1 }
            #expect(ChiSquare(counts: counts, shares: oracle.shares).excess < 4, "\(oracle.items), \(oracle.exponent)")
        }
    }

    @Test("items are drawn by Zipf's law from a billion, too", arguments: [0, 0.8, 1, 1.2, 3])
    func zipfDrawsFromMany(exponent: Double) {
        let items = 1_000_000_000
        let law = ZipfRanks(count: items, exponent: exponent)
        // Bins of ranks that grow tenfold.
        let ends = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, items]
        let upTo = ends.map { end in
            (1...min(end, 10_000)).reduce(0.0) { $0 + law.weight(ofRank: $1) }
                + (end > 10_000 ? law.weight(ofRanksAbove: 10_000) - law.weight(ofRanksAbove: end) : 0)
        }
        let shares = upTo.indices.map { (upTo[$0] - ($0 > 0 ? upTo[$0 - 1] : 0)) / upTo[ends.count - 1] }
        var random = RandomStream(seed: 7, .rows)
        var counts = [Int](repeating: 0, count: ends.count)
        for _ in 0..<Self.draws {
            let rank = law.draw(&random)
            #expect(rank >= 1 && rank <= items)
            counts[ends.firstIndex { rank <= $0 } ?? 0] += 1
        }
        #expect(ChiSquare(counts: counts, shares: shares).excess < 4)
    }

    @Test("the weight of ranks far out is their sum", arguments: [0, 0.5, 1, 2.5])
    func zipfTail(exponent: Double) {
        let law = ZipfRanks(count: 30_000, exponent: exponent)
        let sum = (10_001...30_000).reduce(0.0) { $0 + law.weight(ofRank: $1) }
        #expect(abs(law.weight(ofRanksAbove: 10_000) - sum) < 1e-8 * sum)
    }

    @Test("local CTRs fill bins that scipy's Beta distribution calls equally likely")
    func betaBins() throws {
        for oracle in try ScipyFixture.load().beta {
            let beta = BetaLogit(mean: oracle.mean, concentration: oracle.concentration)
            var random = RandomStream(seed: 11, .localCTR)
            var counts = [Int](repeating: 0, count: oracle.edges.count + 1)
            for _ in 0..<50_000 {
                let logit = beta.draw(&random)
                counts[oracle.edges.firstIndex { logit < $0 } ?? oracle.edges.count] += 1
            }
            let shares = counts.map { _ in 1 / Double(counts.count) }
            #expect(
                ChiSquare(counts: counts, shares: shares).excess < 4, "\(oracle.mean), \(oracle.concentration)")
        }
    }

    @Test("a shuffle gives each id once", arguments: [1, 2, 3, 4, 7, 64, 65, 1000, 4097])
    func permutation(count: Int) {
        for seed: UInt64 in 0..<5 {
            let ids = IdPermutation(count: count, seed: seed, .userIds)
            #expect(Set((0..<count).map(ids.id(ofRank:))) == Set(1...count))
        }
    }

    @Test("an id says nothing of a rank")
    func permutationSpread() {
        let count = 50_000
        for seed: UInt64 in 0..<8 {
            let ids = IdPermutation(count: count, seed: seed, .itemIds)
            // The mean of 500 ids of 50,000 has a standard error of 645.
            for start in [0, 500, 49_500] {
                let mean = (start..<start + 500).reduce(0) { $0 + ids.id(ofRank: $1) } / 500
                #expect(abs(mean - count / 2) < 4 * 645, "\(seed), \(start)")
            }
        }
    }
}
