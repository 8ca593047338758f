/// Cross-entropy on logits with real-valued labels: l(z, y) = max(z, 0) − y·z + ln(1 + e^−|z|), finite for every z, and
/// equal to −y ln σ(z) − (1 − y) ln(1 − σ(z)). dl/dz = σ(z) − y.
enum CrossEntropy {
    /// Fills `logitGradients` [batch] with w · (σ(z) − y) / `divisor` and returns Σ w · l / `divisor`.
    ///
    /// `labels` and `weights` (nil: all 1) are columns over the input, read at `rows`. Of the logarithms of many rows one is
    /// taken, of the product, where no row weighs it: each row's is then within 2⁻⁵² of its value.
    static func lossAndGradient(
        logits: UnsafePointer<Float>, rows: UnsafeBufferPointer<Int32>, labels: UnsafeBufferPointer<Float>,
        weights: UnsafeBufferPointer<Float>?, divisor: Int, logitGradients: UnsafeMutablePointer<Float>
    ) -> Double {
        var sum = 0.0
        let scale = 1 / Double(divisor)
        for start in stride(from: 0, to: rows.count, by: rowsALogarithm) {
            var product = 1.0
            for place in start..<min(start + rowsALogarithm, rows.count) {
                let row = Int(rows[place])
                let logit = Double(logits[place])
                let label = Double(labels[row])
                let decay = CMath.exponential(-abs(logit))
                var loss = max(logit, 0) - label * logit
                var weight = 1.0
                if let weights {
                    weight = Double(weights[row])
                    loss = weight * (loss + CMath.logarithm(onePlus: decay))
                } else {
                    product *= 1 + decay
                }
                sum += loss
                let probability = (logit < 0 ? decay : 1) / (1 + decay)
                logitGradients[place] = Float(weight * (probability - label) * scale)
            }
            if weights == nil { sum += CMath.logarithm(product) }
        }
        return sum * scale
    }

    /// Factors of at most 2 whose product is a number.
    private static let rowsALogarithm = 1000
}
