#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// How well logits fit labels. Of a single user, so that it says little: whether tuning helps is measured offline, over all.
struct Quality: CustomStringConvertible {
    private let logits: [Float]
    private let labels: [Float]

    /// Of logits to which the user's level is added.
    init(_ logits: [Float], level: Float, labels: [Float]) {
        self.logits = logits.map { $0 + level }
        self.labels = labels
    }

    /// Share of pairs of a positive and a negative sample that stand in order, ties half; nil without such a pair.
    var auc: Double? {
        var (pairs, ordered) = (0.0, 0.0)
        for (positive, label) in zip(logits, labels) where label > 0.5 {
            for (negative, other) in zip(logits, labels) where other <= 0.5 {
                pairs += 1
                ordered += positive > negative ? 1 : positive == negative ? 0.5 : 0
            }
        }
        return pairs > 0 ? ordered / pairs : nil
    }

    /// Mean cross-entropy in nats.
    var logLoss: Double {
        zip(logits, labels).reduce(0) { sum, pair in
            let (logit, label) = (Double(pair.0), Double(pair.1))
            return sum + max(logit, 0) - label * logit + log1p(exp(-abs(logit)))
        } / Double(labels.count)
    }

    var description: String { "AUC \(auc.map { $0.text(3) } ?? "undefined"), log loss \(logLoss.text(3))" }
}

extension Double {
    /// With so many decimals.
    func text(_ decimals: Int) -> String {
        let scale = pow(10, Double(decimals))
        let digits = String(Int((abs(self) * scale).rounded()))
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        return (self < 0 ? "-" : "") + padded.dropLast(decimals) + (decimals > 0 ? "." : "") + padded.suffix(decimals)
    }
}
