import Evaluation
import LabelCorrection

extension Correction {
    /// What is done for a user whose labels stay as they are, as a line for a person; nil for a method that changes labels.
    func text(_ train: ClickCounts, globalCTR: GlobalCTR) -> String? {
        guard !method.changesLabels else { return nil }
        let name = method.rawValue
        guard isDefined(for: train) else { return "\(name): not defined for a user whose train labels are all alike\n" }
        if method == .logitAdjust {
            let offset = FixedPoint.text(trainingOffset(train, globalCTR: globalCTR))
            return "\(name): labels stay; while training \(offset) is added to the logit\n"
        }
        let weights = classWeights(train, globalCTR: globalCTR) ?? ClassWeights(positive: 1, negative: 1)
        return "\(name): labels stay; a positive sample weighs \(FixedPoint.text(weights.positive)), "
            + "a negative one \(FixedPoint.text(weights.negative))\n"
    }
}
