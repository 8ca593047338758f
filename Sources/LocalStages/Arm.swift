/// One way to score a user's samples; each is a column `logit_<name>` of the prediction stream.
public enum Arm: String, Sendable, Hashable, CaseIterable {
    /// The item's train CTR over all users, smoothed towards the global CTR: the floor that any model must beat.
    case itemMean = "item_mean"
    /// The cloud model as it is.
    case cloud
    /// The cloud model, the user's own level restored.
    case cloudPrior = "cloud_prior"
    /// The cloud model fine-tuned on the user's raw labels.
    case finetuned
    /// The cloud model fine-tuned on the user's corrected labels.
    case corrected
    /// The same, the user's own level restored.
    case correctedPrior = "corrected_prior"

    /// Whether it is scored by tuned weights.
    var isTuned: Bool {
        switch self {
        case .finetuned, .corrected, .correctedPrior: true
        case .itemMean, .cloud, .cloudPrior: false
        }
    }
}
