/// Zipf's law over ranks 1...n: `P(k) ∝ k^-s`, for any `s` of at least 0.
///
/// Drawn by rejection-inversion (Hörmann and Derflinger, "Rejection-Inversion to Generate Variates from Monotone Discrete
/// Distributions", ACM TOMACS 6, 1996): constant memory and fewer than 1.2 tries a draw for any `n` and `s`.
struct ZipfRanks {
    let count: Int
    let exponent: Double
    /// The integral of the law's hat to half a rank before the first and to half a rank behind the last.
    private let first: Double
    private let last: Double
    /// A rank that the inverse exceeds by no more than this is taken without a look at its probability.
    private let sure: Double

    /// The law over `count` ranks, at least 1.
    init(count: Int, exponent: Double) {
        precondition(count >= 1 && exponent >= 0)
        self.count = count
        self.exponent = exponent
        first = Self.integral(1.5, exponent) - 1
        last = Self.integral(Double(count) + 0.5, exponent)
        sure = 2 - Self.inverseIntegral(Self.integral(2.5, exponent) - Self.weight(2, exponent), exponent)
    }

    /// Draws a rank, 1...count.
    @inline(__always)
    func draw(_ random: inout RandomStream) -> Int {
        while true {
            let area = last + random.nextUniform() * (first - last)
            let x = Self.inverseIntegral(area, exponent)
            let nearest = min(max(x + 0.5, 1), Double(count))
            let rank = Int(nearest)
            let k = Double(rank)
            if k - x <= sure || area >= Self.integral(k + 0.5, exponent) - Self.weight(k, exponent) { return rank }
        }
    }

    /// The weight of a rank: its probability but for the sum of all weights.
    func weight(ofRank rank: Int) -> Double { Self.weight(Double(rank), exponent) }

    /// The weights of ranks above `rank` together, by the midpoint rule, to a relative 1e-13 from rank 10⁶ on.
    func weight(ofRanksAbove rank: Int) -> Double {
        last - Self.integral(Double(rank) + 0.5, exponent)
    }

    @inline(__always)
    private static func weight(_ x: Double, _ exponent: Double) -> Double {
        PortableMath.exponential(-exponent * PortableMath.logarithm(x))
    }

    /// `(x^(1-s) - 1) / (1 - s)`, and its limit `log x` at `s = 1`.
    @inline(__always)
    private static func integral(_ x: Double, _ exponent: Double) -> Double {
        let logarithm = PortableMath.logarithm(x)
        let t = (1 - exponent) * logarithm
        // (e^t - 1) / t loses digits near 0; its series does not.
        let factor =
            abs(t) < 0.01
            ? 1 + t / 2 * (1 + t / 3 * (1 + t / 4 * (1 + t / 5)))
            : (PortableMath.exponential(t) - 1) / t
        return factor * logarithm
    }

    @inline(__always)
    private static func inverseIntegral(_ area: Double, _ exponent: Double) -> Double {
        let t = (1 - exponent) * area
        // log(1 + t) / t likewise. Rounding may carry 1 + t to 0 or below at the far end, which is no rank's place.
        let factor =
            abs(t) < 0.01
            ? 1 - t * (1 / 2 - t * (1 / 3 - t * (1 / 4 - t * (1 / 5 - t * (1 / 6)))))
            : PortableMath.logarithm(max(1 + t, 0x1p-1000)) / t
        return PortableMath.exponential(factor * area)
    }
}
