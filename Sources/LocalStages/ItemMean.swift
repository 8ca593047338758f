import LabelCorrection
import UserPartition

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The arm `item_mean`: an item's CTR over all users' train parts, smoothed towards the global CTR. What a model must beat
/// to have learnt anything of users.
struct ItemMean: Sendable {
    /// A logit an item id.
    private let logits: [Double]
    /// The logit of the global CTR, for items without train samples.
    private let unseen: Double

    /// Smoothed means: `(k + m·p) / (n + m)` for an item with `k` of `n` train samples positive.
    init(_ counts: TrainCounts, globalCTR: GlobalCTR, strength: Double) {
        let p = globalCTR.value
        // The logit of a share is the log of its odds; positives and negatives apart stay above 0 for any strength.
        unseen = log(p) - log1p(-p)
        logits = zip(counts.samples, counts.positives).map { samples, positives in
            log(Double(positives) + strength * p) - log(Double(samples - positives) + strength * (1 - p))
        }
    }

    func logit(_ item: UInt32) -> Double {
        Int(item) < logits.count && item > 0 ? logits[Int(item)] : unseen
    }
}
