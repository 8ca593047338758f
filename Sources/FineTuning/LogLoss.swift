#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Bionic)
import Bionic
#elseif canImport(Darwin)
import Darwin
#endif

/// Mean cross-entropy of logits, in double.
enum LogLoss {
    /// The mean over the samples of `weight · (log(1 + e^z) − label · z)` with `z = logit + shift`, in nats; 0 without samples.
    ///
    /// - Parameters:
    ///   - labels: one a logit, any real number.
    ///   - weights: one a logit; nil: all 1. The mean is by the number of samples.
    static func mean(
        _ logits: some Collection<Float>, shiftedBy shift: Double, labels: some Collection<Float>,
        weights: ArraySlice<Float>? = nil
    ) -> Double {
        precondition(labels.count == logits.count && (weights?.count ?? logits.count) == logits.count)
        guard !logits.isEmpty else { return 0 }
        var sum = 0.0
        var weight = weights?.makeIterator()
        for (logit, label) in zip(logits, labels) {
            let z = Double(logit) + shift
            let loss = max(z, 0) + log1p(exp(-abs(z))) - Double(label) * z
            sum += weight?.next().map { Double($0) * loss } ?? loss
        }
        return sum / Double(logits.count)
    }
}

extension LocalTargets {
    /// What tuning makes smaller, without its pull: the mean loss of the first samples, of which `logits` has one each. In nats,
    /// weights and offset included; 0 without samples.
    public func loss(of logits: ArraySlice<Float>) -> Double {
        LogLoss.mean(
            logits, shiftedBy: Double(logitOffset), labels: labels[..<logits.count],
            weights: weights.map { $0[..<logits.count] })
    }
}
