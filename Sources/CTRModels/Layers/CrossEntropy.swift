/// Cross-entropy on logits with real-valued labels: l(z, y) = max(z, 0) − y·z + ln(1 + e^−|z|), finite for every z, and
/// equal to −y ln σ(z) − (1 − y) ln(1 − σ(z)). dl/dz = σ(z) − y.
enum CrossEntropy {
    /// Fills `logitGradients` [batch] with w · (σ(z) − y) / `divisor` and returns Σ w · l / `divisor`.
    ///
    /// `labels` and `weights` (nil: all 1) are columns over the input, read at `rows`.
    static func lossAndGradient(
        logits: UnsafePointer<Float>, rows: UnsafeBufferPointer<Int32>, labels: UnsafeBufferPointer<Float>,
        weights: UnsafeBufferPointer<Float>?, divisor: Int, logitGradients: UnsafeMutablePointer<Float>
    ) -> Double {
        var sum = 0.0
        let scale = 1 / Double(divisor)
        for place in 0..<rows.count {
            let row = Int(rows[place])
            let logit = Double(logits[place])
            let label = Double(labels[row])
            let weight = if let weights { Double(weights[row]) } else { 1.0 }
            let decay = CMath.exponential(-abs(logit))
            sum += weight * (max(logit, 0) - label * logit + CMath.logarithm(onePlus: decay))
            let probability = (logit < 0 ? decay : 1) / (1 + decay)
            logitGradients[place] = Float(weight * (probability - label) * scale)
        }
        return sum * scale
    }
}
