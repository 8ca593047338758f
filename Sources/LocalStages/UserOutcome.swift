/// What became of one user; the raw value is for people and files.
public enum UserOutcome: String, Sendable, Hashable, CaseIterable {
    /// Tuned weights scored the user in every tuned arm that the gate did not refuse.
    case tuned
    /// No arm asks for tuning.
    case untuned = "not to tune"
    /// Left with the cloud model: the train labels are all alike.
    case singleClass = "single class"
    /// Left with the cloud model: there is no train sample.
    case withoutTrain = "without train"
    /// Left with the cloud model: there are fewer train samples than the settings ask for.
    case fewSamples = "few samples"
    /// Left with the cloud model in the arms of a correction that is not defined for the user's counts.
    case undefinedCorrection = "undefined correction"
    /// Left with the cloud model in the arms whose tuning made a number that is not finite.
    case diverged
    /// Not in the predictions: neither validation nor test samples.
    case withoutEvaluation = "nothing to score"
    /// Not in the predictions: the cloud model's own logits of the user's samples are not finite.
    case notFinite = "not finite in the cloud"
}
