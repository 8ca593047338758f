/// Dice (Zhou et al. 2018, "Deep Interest Network", section 5.3): with ŝ = (s − mean) / √(variance + ε) of the unit,
///
///     y = (p + (1 − p) · a) · s,   p = σ(ŝ)
///
/// Matrices are [rows, width], row-major; mean, inverse (1 / √(variance + ε)), alphas and sums are [width].
enum DiceKernels {
    /// Added to variances. The paper's own code has 1e-8.
    static let epsilon: Float = 1e-8

    /// Fills mean and variance (biased) of each unit over at least one row, summed row by row in double.
    static func statistics(
        _ s: UnsafePointer<Float>, mean: UnsafeMutablePointer<Float>, variance: UnsafeMutablePointer<Float>, rows: Int,
        width: Int
    ) {
        let scale = 1 / Double(rows)
        for start in stride(from: 0, to: width, by: 8) {
            let lanes = min(8, width - start)
            var sums = SIMD8<Double>()
            for row in 0..<rows { sums += SIMD8<Double>((s + row * width).load(start, lanes)) }
            let means = sums * scale
            var squares = SIMD8<Double>()
            for row in 0..<rows {
                let distance = SIMD8<Double>((s + row * width).load(start, lanes)) - means
                squares += distance * distance
            }
            mean.store(SIMD8<Float>(means), at: start, lanes)
            variance.store(SIMD8<Float>(squares * scale), at: start, lanes)
        }
    }

    /// Fills y, and gates with the p.
    static func forward(
        _ s: UnsafePointer<Float>, mean: UnsafePointer<Float>, inverse: UnsafePointer<Float>,
        alphas: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, gates: UnsafeMutablePointer<Float>, rows: Int,
        width: Int
    ) {
        for row in 0..<rows {
            let (s, y, gates) = (s + row * width, y + row * width, gates + row * width)
            for index in stride(from: 0, to: width, by: 8) {
                let lanes = min(8, width - index)
                gates.store(
                    (s.load(index, lanes) - mean.load(index, lanes)) * inverse.load(index, lanes), at: index, lanes)
            }
            SigmoidKernels.sigmoid(gates, count: width)
            for index in stride(from: 0, to: width, by: 8) {
                let lanes = min(8, width - index)
                let (p, alpha) = (gates.load(index, lanes), alphas.load(index, lanes))
                y.store((p + (1 - p) * alpha) * s.load(index, lanes), at: index, lanes)
            }
        }
    }

    /// dy, the gradient by y, becomes that by s; alphaGradients [width] += that by alphas.
    ///
    /// - Parameter sums: room for 2 · width floats where mean and inverse are of these rows, so that the gradient flows
    ///   through them too (as torch.nn.BatchNorm1d's in training); nil where they are constants.
    static func backward(
        _ dy: UnsafeMutablePointer<Float>, s: UnsafePointer<Float>, gates: UnsafePointer<Float>,
        mean: UnsafePointer<Float>, inverse: UnsafePointer<Float>, alphas: UnsafePointer<Float>,
        alphaGradients: UnsafeMutablePointer<Float>, sums: UnsafeMutablePointer<Float>?, rows: Int, width: Int
    ) {
        for start in stride(from: 0, to: width, by: 8) {
            let lanes = min(8, width - start)
            let (means, inverses) = (mean.load(start, lanes), inverse.load(start, lanes))
            let alpha = alphas.load(start, lanes)
            var alphaSum = SIMD8<Float>()
            var slopeSum = SIMD8<Float>()
            var productSum = SIMD8<Float>()
            for row in 0..<rows {
                let at = row * width + start
                let (value, p) = ((s + at).load(0, lanes), (gates + at).load(0, lanes))
                let slope = (dy + at).load(0, lanes)
                alphaSum += slope * (1 - p) * value
                // By ŝ.
                let inner = slope * value * (1 - alpha) * p * (1 - p)
                slopeSum += inner
                productSum += inner * ((value - means) * inverses)
                (dy + at).store(slope * (p + (1 - p) * alpha) + inner * inverses, at: 0, lanes)
            }
            alphaGradients.store(alphaGradients.load(start, lanes) + alphaSum, at: start, lanes)
            sums?.store(slopeSum / Float(rows), at: start, lanes)
            sums.map { ($0 + width).store(productSum / Float(rows), at: start, lanes) }
        }
        guard let sums else { return }
        for row in 0..<rows {
            let (dy, s) = (dy + row * width, s + row * width)
            for index in stride(from: 0, to: width, by: 8) {
                let lanes = min(8, width - index)
                let inverses = inverse.load(index, lanes)
                let normalized = (s.load(index, lanes) - mean.load(index, lanes)) * inverses
                let taken = sums.load(index, lanes) + normalized * (sums + width).load(index, lanes)
                dy.store(dy.load(index, lanes) - inverses * taken, at: index, lanes)
            }
        }
    }
}
