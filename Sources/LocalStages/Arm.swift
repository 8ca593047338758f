public import LabelCorrection

/// One way to score a user's samples; each is a column `logit_<name>` of the prediction stream.
public enum Arm: Sendable, Hashable {
    /// The item's train CTR over all users, smoothed towards the global CTR: the floor that any model must beat.
    case itemMean
    /// The cloud model as it is.
    case cloud
    /// The cloud model, the user's own level restored.
    case cloudPrior
    /// The cloud model fine-tuned on the user's raw labels.
    case finetuned
    /// The cloud model fine-tuned on the user's labels as the settings correct them.
    case corrected
    /// The same, the user's own level restored.
    case correctedPrior
    /// `corrected` for users whose tuned weights the gate keeps, `cloud` for all others.
    case correctedGated
    /// The cloud model fine-tuned on the user's labels as a method corrects them that need not be the settings'.
    case correctedBy(CorrectionMethod)

    /// What is scored unless settings say otherwise: all arms but those that name a method.
    public static let standard: [Arm] = [
        .itemMean, .cloud, .cloudPrior, .finetuned, .corrected, .correctedPrior, .correctedGated,
    ]
}

extension Arm: CaseIterable {
    /// Every arm, those that name a method last.
    public static var allCases: [Arm] { standard + CorrectionMethod.allCases.map(Arm.correctedBy) }
}

extension Arm: RawRepresentable {
    /// The arm of this name.
    public init?(rawValue: String) {
        guard let arm = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
        self = arm
    }

    /// The arm's name: `corrected_gated`, `corrected_logit-adjust`.
    public var rawValue: String {
        switch self {
        case .itemMean: "item_mean"
        case .cloud: "cloud"
        case .cloudPrior: "cloud_prior"
        case .finetuned: "finetuned"
        case .corrected: "corrected"
        case .correctedPrior: "corrected_prior"
        case .correctedGated: "corrected_gated"
        case .correctedBy(let method): "corrected_\(method.rawValue)"
        }
    }
}
