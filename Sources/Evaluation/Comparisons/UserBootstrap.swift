/// Intervals by resampling users with replacement (Efron 1979): users are the units that differ, a user's rows come along.
///
/// The same seed gives the same intervals for any number of threads.
public struct UserBootstrap: Sendable, Hashable {
    /// Number of resamples.
    public var resamples: Int
    /// What share of resamples an interval holds.
    public var level: Double
    /// Decides which users are drawn.
    public var seed: UInt64

    /// By default 2,000 resamples, of which the middle 95 % make the interval.
    public init(resamples: Int = 2000, level: Double = 0.95, seed: UInt64 = 1) {
        precondition(resamples > 0 && level > 0 && level < 1)
        self.resamples = resamples
        self.level = level
        self.seed = seed
    }

    /// Numbers that are ratios of two sums over users, Σ xᵤ / Σ wᵤ, with the same wᵤ: so are all means over users, and over
    /// users' rows, of one metric.
    struct Means: Sendable {
        /// wᵤ, 0 or more; 0 for users who do not count.
        let weights: [Double]
        /// xᵤ, for each of the numbers; 0 where wᵤ is.
        let sums: [[Double]]

        /// Σ x / Σ w of one number; nil where no user counts.
        func value(_ index: Int) -> Double? {
            var sum = CompensatedSum()
            var weight = CompensatedSum()
            for (user, part) in weights.enumerated() where part > 0 {
                sum.add(sums[index][user])
                weight.add(part)
            }
            return weight.value > 0 ? sum.value / weight.value : nil
        }
    }

    /// The percentile interval of each number; nil where fewer than two users count. A resample in which nobody counts is left
    /// out. All hold the same users.
    func intervals(of means: [Means], threads: Int) async -> [[ClosedRange<Double>?]] {
        // Without a number nothing need be drawn.
        guard let users = means.first?.weights.count, users > 0, means.contains(where: { !$0.sums.isEmpty }) else {
            return means.map { $0.sums.map { _ in nil } }
        }
        let pieces = Swift.min(resamples, Swift.max(1, threads))
        let parts = await withTaskGroup(of: (Int, [[[Double]]]).self) { group in
            for piece in 0..<pieces {
                let range = resamples * piece / pieces..<resamples * (piece + 1) / pieces
                group.addTask { (piece, values(of: means, users: users, resamples: range)) }
            }
            var parts: [[[[Double]]]] = Array(repeating: [], count: pieces)
            for await (piece, values) in group { parts[piece] = values }
            return parts
        }
        return means.indices.map { mean in
            let isCounted = means[mean].weights.count(where: { $0 > 0 }) > 1
            return means[mean].sums.indices.map { number in
                isCounted ? interval(of: parts.flatMap { $0[mean][number] }) : nil
            }
        }
    }

    /// The numbers in some of the resamples: by mean, number and resample.
    private func values(of means: [Means], users: Int, resamples: Range<Int>) -> [[[Double]]] {
        var values: [[[Double]]] = means.map { mean in mean.sums.map { _ in [] } }
        var counts = [Double](repeating: 0, count: users)
        for resample in resamples {
            if Task.isCancelled { break }
            for user in counts.indices { counts[user] = 0 }
            var random = Draws(seed: seed, stream: UInt64(resample))
            for _ in 0..<users { counts[random.below(users)] += 1 }
            for (mean, numbers) in means.enumerated() {
                let weight = Self.product(counts, numbers.weights)
                guard weight > 0 else { continue }
                for (number, sums) in numbers.sums.enumerated() {
                    values[mean][number].append(Self.product(counts, sums) / weight)
                }
            }
        }
        return values
    }

    /// Σ aᵤ bᵤ, in eight parts.
    private static func product(_ a: [Double], _ b: [Double]) -> Double {
        var parts = SIMD8<Double>()
        let whole = a.count & ~7
        for start in stride(from: 0, to: whole, by: 8) {
            for lane in 0..<8 { parts[lane] += a[start + lane] * b[start + lane] }
        }
        var sum = parts.sum()
        for index in whole..<a.count { sum += a[index] * b[index] }
        return sum
    }

    private func interval(of values: [Double]) -> ClosedRange<Double>? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        func quantile(_ share: Double) -> Double {
            let place = share * Double(sorted.count - 1)
            let below = Int(place)
            guard below + 1 < sorted.count else { return sorted[below] }
            return sorted[below] + (sorted[below + 1] - sorted[below]) * (place - Double(below))
        }
        return quantile((1 - level) / 2)...quantile((1 + level) / 2)
    }

    /// Numbers of one resample, which depend on nothing but the seed and the resample.
    private struct Draws {
        private var state: UInt64

        init(seed: UInt64, stream: UInt64) {
            state = Self.mixed(Self.mixed(seed) &+ stream)
        }

        /// A number in 0..<bound, each as likely to within bound / 2⁶⁴.
        mutating func below(_ bound: Int) -> Int {
            state &+= 0x9E37_79B9_7F4A_7C15
            return Int(Self.mixed(state).multipliedFullWidth(by: UInt64(bound)).high)
        }

        /// The output function of SplitMix64 (Steele, Lea and Flood 2014).
        private static func mixed(_ value: UInt64) -> UInt64 {
            var z = value &+ 0x9E37_79B9_7F4A_7C15
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }
}
