import CTRModels
import Evaluation
import Samples

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What validation makes of a model. Holds one user's scores, and all where their AUC is wanted.
struct Validation {
    /// The most samples whose AUC is told unasked: 8 bytes each are held for it.
    private static let mostUnasked = 1 << 20

    private let count: Int
    private var gauc = GroupedAUC()
    /// All samples as one group; nil if their AUC is not to be told.
    private var auc: GroupedAUC?
    private var lossSum = 0.0
    private var user: UInt32?

    /// Of so many samples, which come in the store's order.
    init(of count: Int, by criterion: TrainingSettings.Criterion) {
        self.count = count
        auc = criterion == .auc || count <= Self.mostUnasked ? GroupedAUC() : nil
    }

    /// Adds scored samples; a user's may go on in the next call.
    mutating func add(_ samples: SampleColumns, logits: [Float]) {
        for (row, logit) in logits.enumerated() {
            if samples.users[row] != user {
                if user != nil { gauc.endGroup() }
                user = samples.users[row]
            }
            let label = Double(samples.labels[row])
            let score = Double(logit)
            gauc.append(score, isPositive: label > 0.5)
            auc?.append(score, isPositive: label > 0.5)
            lossSum += max(score, 0) - label * score + log1p(exp(-abs(score)))
        }
    }

    /// The figures, after the last sample, beside the train loss of the pass.
    consuming func epoch(loss: Double) -> TrainingEpoch {
        if user != nil { gauc.endGroup() }
        auc?.endGroup()
        return TrainingEpoch(
            loss: loss, validationLoss: count == 0 ? nil : lossSum / Double(count),
            validationGAUC: gauc.weightedMean, validationAUC: auc?.mean)
    }
}
