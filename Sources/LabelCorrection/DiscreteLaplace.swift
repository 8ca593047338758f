#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Bionic)
import Bionic
#elseif canImport(Darwin)
import Darwin
#endif

/// The discrete Laplace distribution, also called two-sided geometric: `P(x) = tanh(1/2b)·exp(-|x|/b)` over all integers `x`,
/// with a scale `b` that is a fraction of integers.
///
/// Not the continuous one: what floating point makes of that tells by its last digits from which count it came (Mironov, *On
/// Significance of the Least Significant Bits for Differential Privacy*, CCS 2012).
struct DiscreteLaplace: Sendable, Hashable {
    /// Draws go no farther out: what would is put here, which is work on the finished draw and hence costs no privacy.
    static let limit = 1 << 62

    private let numerator: UInt64
    private let denominator: UInt64

    /// The distribution of scale `numerator / denominator`, both above 0.
    init(scale numerator: UInt64, over denominator: UInt64) {
        precondition(numerator > 0 && denominator > 0)
        // The smaller the numbers, the fewer random bits a draw takes.
        let divisor = Self.greatestCommonDivisor(numerator, denominator)
        self.numerator = numerator / divisor
        self.denominator = denominator / divisor
    }

    /// `2q / (1 - q)²` with `q = exp(-1/b)`; about `2b²`.
    var variance: Double {
        let rate = Double(denominator) / Double(numerator)
        let rest = expm1(-rate)
        return 2 * exp(-rate) / (rest * rest)
    }

    /// The share of draws that are `x`.
    func probability(of x: Int) -> Double {
        let rate = Double(denominator) / Double(numerator)
        return tanh(rate / 2) * exp(-rate * Double(x.magnitude))
    }

    /// Draws one integer, exactly by the distribution where the generator's bits are fair: with integers alone (Canonne, Kamath
    /// and Steinke, *The Discrete Gaussian for Differential Privacy*, NeurIPS 2020, algorithm 2). How long it takes depends on
    /// what is drawn.
    func draw(using generator: inout some RandomNumberGenerator) -> Int {
        while true {
            let part = UInt64.random(in: 0..<numerator, using: &generator)
            guard Self.isHit(part, of: numerator, using: &generator) else { continue }
            var whole: Int128 = 0
            while Self.isHit(1, of: 1, using: &generator) { whole += 1 }
            let distance = (Int128(part) + Int128(numerator) * whole) / Int128(denominator)
            let isNegative = Bool.random(using: &generator)
            // 0 has one sign, or it would come twice as often.
            if isNegative && distance == 0 { continue }
            let bounded = Int(min(distance, Int128(Self.limit)))
            return isNegative ? -bounded : bounded
        }
    }

    /// True with probability `exp(-part / whole)`, for `part` in 0...`whole` (algorithm 1 of the same paper: the series of the
    /// exponential as a game that stops after an odd or even number of rounds).
    private static func isHit(
        _ part: UInt64, of whole: UInt64, using generator: inout some RandomNumberGenerator
    ) -> Bool {
        var round: UInt64 = 1
        // True with probability part / (whole · round): both of two draws, so that the product cannot overflow.
        while UInt64.random(in: 0..<whole, using: &generator) < part,
            UInt64.random(in: 0..<round, using: &generator) == 0
        {
            round += 1
        }
        return !round.isMultiple(of: 2)
    }

    private static func greatestCommonDivisor(_ a: UInt64, _ b: UInt64) -> UInt64 {
        var (a, b) = (a, b)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }
}
