import CTRModels
import FineTuning
import LabelCorrection

extension FineTuningSettings {
    /// The settings in a form that is the same for the same settings and differs for any other.
    private var canonicalText: String {
        let optimizer =
            switch schedule.optimizer {
            case .sgd(let rate): "sgd \(rate)"
            case .adam(let rate, let beta1, let beta2, let epsilon): "adam \(rate) \(beta1) \(beta2) \(epsilon)"
            case .adagrad(let rate, let epsilon): "adagrad \(rate) \(epsilon)"
            }
        return """
            plumb finetune 1
            arms \(arms.map(\.rawValue).joined(separator: " "))
            optimizer \(optimizer)
            epochs \(schedule.epochs)
            batch_size \(schedule.batchSize)
            tuned \(schedule.tuned.rawValue)
            pull \(schedule.pull)
            correction \(correction.method.rawValue) \(correction.priorStrength) \(correction.smoothing)
            single_class \(singleClass.rawValue)
            restore \(restoration.rule.rawValue) \(restoration.strength)
            item_mean_strength \(itemMeanStrength)

            """
    }

    /// SHA-256, in hexadecimal, over every setting. The seed is none of them.
    public var fingerprint: String { Fingerprint.of(Array(canonicalText.utf8)) }
}
