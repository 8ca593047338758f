import Testing

@testable import Evaluation

@Suite("Intervals by resampling users")
struct UserBootstrapTests {
    /// Users of one to nine rows whose own means lie around `mean`.
    private static func means(_ random: inout SplitMix64, users: Int, mean: Double) -> UserBootstrap.Means {
        let weights = (0..<users).map { _ in Double(1 + random.next() % 9) }
        let values = weights.map { _ in
            // Skewed, as differences of AUC are where most users have none.
            let x = random.uniform() + random.uniform() + random.uniform() - 1.5
            return mean + (random.uniform() < 0.3 ? 2 * x : x * x - 0.25)
        }
        return UserBootstrap.Means(weights: weights, sums: [zip(weights, values).map { $0 * $1 }])
    }

    @Test("are the same for any number of threads, and others for another seed")
    func threads() async {
        var random = SplitMix64(seed: 3)
        let means = Self.means(&random, users: 57, mean: 1)
        let bootstrap = UserBootstrap(resamples: 101)
        let one = await bootstrap.intervals(of: [means], threads: 1)
        for threads in [2, 3, 8, 200] { #expect(await bootstrap.intervals(of: [means], threads: threads) == one) }
        #expect(await UserBootstrap(resamples: 101, seed: 2).intervals(of: [means], threads: 1) != one)
    }

    @Test("hold the true mean in 93 to 97 % of a thousand simulated runs")
    func coverage() async throws {
        var random = SplitMix64(seed: 11)
        var covered = 0
        for run in 0..<1000 {
            let means = Self.means(&random, users: 150, mean: 0.1)
            let bootstrap = UserBootstrap(resamples: 400, seed: UInt64(run))
            let interval = try #require(await bootstrap.intervals(of: [means], threads: 2)[0][0])
            covered += interval.contains(0.1) ? 1 : 0
        }
        #expect((930...970).contains(covered), "\(covered)")
    }

    @Test("need two users who count, and leave out resamples in which nobody does")
    func fewUsers() async {
        let bootstrap = UserBootstrap(resamples: 50)
        func interval(_ weights: [Double], _ sums: [Double]) async -> ClosedRange<Double>? {
            await bootstrap.intervals(of: [.init(weights: weights, sums: [sums])], threads: 1)[0][0]
        }
        #expect(await interval([], []) == nil)
        #expect(await interval([1, 0], [1, 0]) == nil)
        #expect(await interval([1, 1], [2, 2]) == 2...2)
        let interval = await interval([1, 1, 0, 0, 0, 0], [1, 3, 0, 0, 0, 0])
        #expect(interval.map { $0.lowerBound >= 1 && $0.upperBound <= 3 } == true)
    }
}
