/// How far users' local CTRs lie apart, held against what chance alone would make of users who are all alike.
///
/// The measure is Pearson's: the sum over users of `(k - n·p)² / (n·p·(1 - p))`, for `k` positives in `n` samples and the
/// share `p` over all of them. Under binomial labels its mean is the number of users less one.
struct LocalCTRSpread: Sendable, Hashable {
    /// What the spread says.
    enum Verdict: Sendable, Hashable {
        /// Too few users, or labels all alike.
        case undecided
        /// More alike than chance makes users: as where each positive was given as many negatives.
        case fixedRatio
        /// As far apart as chance makes users that do not differ.
        case chance
        /// Further apart.
        case drift
    }

    /// Users with enough samples to count here.
    private(set) var users = 0
    /// The least and the greatest local CTR among them.
    private(set) var range: ClosedRange<Double>?
    private(set) var verdict = Verdict.undecided

    /// The least samples of a user who counts.
    static let leastSamples = 5
    /// The least users from whom the lack of drift is concluded.
    private static let leastUsers = 20

    /// The spread over users with some samples and positives each.
    init(_ counts: some Collection<(samples: Int, positives: Int)>) {
        let counts = counts.filter { $0.samples >= Self.leastSamples }
        users = counts.count
        let shares = counts.map { Double($0.positives) / Double($0.samples) }
        guard let least = shares.min(), let greatest = shares.max() else { return }
        range = least...greatest
        let share = Double(counts.reduce(0) { $0 + $1.positives }) / Double(counts.reduce(0) { $0 + $1.samples })
        let variance = share * (1 - share)
        guard variance > 0, users > 1 else { return }
        var sum = 0.0
        var sumVariance = 0.0
        for (samples, positives) in counts {
            let n = Double(samples)
            let excess = Double(positives) - n * share
            sum += excess * excess / (n * variance)
            // Of a squared standardised binomial: 2 and its excess kurtosis.
            sumVariance += 2 + (1 - 6 * variance) / (n * variance)
        }
        verdict = Self.verdict(sum, mean: Double(users - 1), variance: sumVariance, users: users)
    }

    /// Holds the sum against a scaled chi-square of the same mean and variance, made normal by a cube root (Wilson and
    /// Hilferty 1931).
    private static func verdict(_ sum: Double, mean: Double, variance: Double, users: Int) -> Verdict {
        let freedom = 2 * mean * mean / variance
        let spread = 2 / (9 * freedom)
        let deviations = (cubeRoot(sum / mean) - (1 - spread)) / spread.squareRoot()
        if deviations < -3 { return .fixedRatio }
        if deviations > 2 { return .drift }
        return users < leastUsers ? .undecided : .chance
    }

    /// By Newton's steps, for numbers of at least 0.
    private static func cubeRoot(_ number: Double) -> Double {
        guard number > 0 else { return 0 }
        // The exponent's third is within a factor of 2 of the root.
        var root = Double(sign: .plus, exponent: number.exponent / 3, significand: 1)
        for _ in 0..<8 { root -= (root - number / (root * root)) / 3 }
        return root
    }
}
