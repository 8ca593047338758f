/// How the labels of one user's train part are changed so that their mean becomes the global CTR.
public enum CorrectionMethod: String, Sendable, Hashable, CaseIterable {
    /// Scales the labels, or their distance from 1, towards the global CTR.
    ///
    /// With local CTR `q` and global CTR `p`: `y·p/q` where `q > p`, `y + (1 - y)·(p - q)/(1 - q)` where `q < p`, `y` where
    /// they are equal. Corrected labels stay in [0, 1] and their mean is exactly `p`; for a `q` of 0 or 1 every label
    /// becomes `p`. The map is affine in `y` with a slope of at least 0, so it never turns an order around.
    case rescale
}

extension CorrectionMethod {
    /// Corrects one user's train labels in place. Order and count do not change.
    ///
    /// - Parameters:
    ///   - labels: `n` labels in 0...1; any `n`, 0 too.
    ///   - globalCTR: the `p` that the mean becomes, to within the rounding of `Float` (a relative 6e-8).
    ///
    /// Sums in `Double`; two passes; allocates nothing.
    public func correct(_ labels: inout MutableSpan<Float>, to globalCTR: GlobalCTR) {
        switch self {
        case .rescale: rescaleLabels(&labels, to: globalCTR.value)
        }
    }

    /// The same over an array.
    public func correct(_ labels: inout [Float], to globalCTR: GlobalCTR) {
        var span = labels.mutableSpan
        correct(&span, to: globalCTR)
    }
}

private func rescaleLabels(_ labels: inout MutableSpan<Float>, to p: Double) {
    guard !labels.isEmpty else { return }
    var sum = 0.0
    for index in labels.indices { sum += Double(labels[index]) }
    let q = sum / Double(labels.count)
    if q > p {
        let factor = p / q
        for index in labels.indices { labels[index] = Float(Double(labels[index]) * factor) }
    } else if q < p {
        let share = (p - q) / (1 - q)
        for index in labels.indices {
            let label = Double(labels[index])
            labels[index] = Float(label + (1 - label) * share)
        }
    }
}
