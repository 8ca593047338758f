/// Draws the logit of a Beta-distributed number.
///
/// `X / (X + Y)` is Beta(a, b) for Gamma(a) and Gamma(b), so its logit is `log X - log Y`, which stays exact where the
/// number itself rounds to 0 or 1.
struct BetaLogit {
    private let a: GammaLogarithm
    private let b: GammaLogarithm

    /// Beta(a, b) with mean `mean` and `a + b = concentration`: variance `mean·(1 - mean) / (concentration + 1)`.
    init(mean: Double, concentration: Double) {
        a = GammaLogarithm(shape: mean * concentration)
        b = GammaLogarithm(shape: (1 - mean) * concentration)
    }

    func draw(_ random: inout RandomStream) -> Double {
        let x = a.draw(&random)
        return x - b.draw(&random)
    }
}

/// Draws the logarithm of a Gamma-distributed number of scale 1 (Marsaglia and Tsang, "A Simple Method for Generating
/// Gamma Variables", ACM TOMS 26, 2000).
private struct GammaLogarithm {
    let shape: Double

    func draw(_ random: inout RandomStream) -> Double {
        // The method wants a shape of at least 1: Gamma(a) is Gamma(a + 1) times a uniform number to the power 1/a.
        guard shape < 1 else { return Self.draw(shape, &random) }
        let larger = Self.draw(shape + 1, &random)
        return larger + PortableMath.logarithm(random.nextUniform()) / shape
    }

    private static func draw(_ shape: Double, _ random: inout RandomStream) -> Double {
        let d = shape - 1 / 3
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = NormalDistribution.quantile(random.nextUniform())
            let root = 1 + c * x
            let uniform = random.nextUniform()
            guard root > 0 else { continue }
            let logarithm = 3 * PortableMath.logarithm(root)
            let v = root * root * root
            if PortableMath.logarithm(uniform) < 0.5 * x * x + d - d * v + d * logarithm {
                return PortableMath.logarithm(d) + logarithm
            }
        }
    }
}
