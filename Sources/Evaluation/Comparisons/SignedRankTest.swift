#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The signed-rank test of Wilcoxon 1945 on paired differences: how likely they would lie so much to one side if each were as
/// likely to have the other sign.
///
/// Differences of 0 are left out, tied sizes share the mean of their ranks. Up to 50 differences without ties the probability is
/// counted out; otherwise it is the normal distribution's, with the variance corrected for ties and without a correction for
/// continuity. scipy's `wilcoxon` is the same with its `method` `exact` and `asymptotic`.
public struct SignedRankTest: Sendable, Hashable {
    /// Number of differences that are not 0.
    public let count: Int
    /// Sum of the ranks of the positive ones.
    public let positiveRanks: Double
    /// The two-sided probability; nil where all differences are 0, or there is none.
    public let p: Double?

    /// Most differences whose probability is counted out.
    static let mostExact = 50

    /// The test of finite differences. Cost: O(n log n).
    public init(_ differences: some Sequence<Double>) {
        let sizes = differences.filter { $0 != 0 }.map { (size: abs($0), isPositive: $0 > 0) }
            .sorted { $0.size < $1.size }
        var positiveRanks = 0.0
        // Σ t³ − t over runs of t tied sizes.
        var ties = 0.0
        var start = 0
        while start < sizes.count {
            var end = start + 1
            while end < sizes.count && sizes[end].size == sizes[start].size { end += 1 }
            let length = Double(end - start)
            let rank = (Double(start + 1) + Double(end)) / 2
            positiveRanks += rank * Double(sizes[start..<end].count { $0.isPositive })
            ties += length * length * length - length
            start = end
        }
        count = sizes.count
        self.positiveRanks = positiveRanks
        if count == 0 {
            p = nil
        } else if count <= Self.mostExact && ties == 0 {
            p = Self.exactProbability(Int(positiveRanks), count: count)
        } else {
            let n = Double(count)
            let variance = n * (n + 1) * (2 * n + 1) / 24 - ties / 48
            let z = (positiveRanks - n * (n + 1) / 4) / variance.squareRoot()
            p = erfc(abs(z) / 2.0.squareRoot())
        }
    }

    /// Twice the smaller tail, of all 2ⁿ equally likely choices of signs.
    private static func exactProbability(_ sum: Int, count: Int) -> Double {
        let most = count * (count + 1) / 2
        // Choices by their sum, at most 2⁵⁰ each.
        var choices = [Double](repeating: 0, count: most + 1)
        choices[0] = 1
        for rank in 1...count {
            for sum in stride(from: most, through: rank, by: -1) { choices[sum] += choices[sum - rank] }
        }
        let lower = choices[...sum].reduce(0, +)
        let upper = choices[sum...].reduce(0, +)
        let all = Double(UInt64(1) << UInt64(count))
        return Swift.min(1, 2 * Swift.min(lower, upper) / all)
    }
}

/// Probabilities of several tests, each made larger so that the chance of any false finding among them stays below the level
/// that each is held against (Holm 1979). In the tests' order; nil where there was no test.
func holmAdjusted(_ probabilities: [Double?]) -> [Double?] {
    let order = probabilities.indices.compactMap { index in probabilities[index].map { (index, $0) } }
        .sorted { ($0.1, $0.0) < ($1.1, $1.0) }
    var adjusted: [Double?] = probabilities.map { _ in nil }
    var least = 0.0
    for (place, (index, p)) in order.enumerated() {
        least = max(least, min(1, p * Double(order.count - place)))
        adjusted[index] = least
    }
    return adjusted
}
