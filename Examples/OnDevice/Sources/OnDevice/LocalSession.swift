import CTRModels
import FineTuning
import LabelCorrection

/// The app's part: one user's model on one device. It does no I/O; the app calls it on a queue of its own.
struct LocalSession {
    private let globalCTR: GlobalCTR
    private let correction = Correction(.rescale)
    private let cloud: CTRModel
    private var tuner: LocalTuner

    /// Starts with what the app was shipped: the model and one number.
    init(modelBytes: [UInt8], globalCTR: Double) throws {
        self.globalCTR = try GlobalCTR(globalCTR)
        cloud = try CTRModel(safetensors: modelBytes)
        tuner = LocalTuner(cloud: cloud, schedule: LocalSchedule(optimizer: .sgd(learningRate: 0.1)))
    }

    /// The model's fields, in the order of an input's columns.
    var fields: [Architecture.Field] { cloud.architecture.fields }

    /// Corrects the labels and tunes the cloud model on them. What comes back is to be kept; nil: go on with the cloud model.
    ///
    /// - Parameters:
    ///   - samples: the user's newest samples.
    ///   - labels: a raw label each, 1 clicked, 0 not.
    mutating func learn(_ samples: ModelInput, labels: [Float]) -> Overlay? {
        let counts = ClickCounts(labels: labels)
        guard counts.samples >= 20, !counts.isSingleClass else { return nil }
        var corrected = labels
        correction.correct(&corrected, to: globalCTR)
        tuner.begin(samples)
        // Where it diverges, the cloud model goes on.
        let targets = LocalTargets(labels: corrected)
        guard (try? tuner.tune(on: 0..<samples.count, targets, seed: 1)) != nil else { return nil }
        return Overlay(of: tuner)
    }

    /// The overlay that bytes of an earlier session hold; nil if they are damaged or of another cloud model: learn anew.
    func overlay(_ bytes: [UInt8]) -> Overlay? {
        try? Overlay(safetensors: bytes, cloud: cloud)
    }

    /// A logit each for samples of any time, by the user's model, or by the cloud's without an overlay.
    mutating func logits(_ samples: ModelInput, with overlay: Overlay?) throws -> [Float] {
        if let overlay {
            try tuner.begin(samples, with: overlay)
        } else {
            tuner.begin(samples)
        }
        return try tuner.logits(0..<samples.count)
    }

    /// What to add to logits where a probability is needed and not an order alone: the user's own level.
    ///
    /// - Parameters:
    ///   - labels: those that were learnt from.
    ///   - isTuned: whether the logits are the user's model's or the cloud's.
    func level(labels: [Float], isTuned: Bool) -> Float {
        let counts = ClickCounts(labels: labels)
        let trainedCTR = isTuned ? correction.trainedCTR(counts, globalCTR: globalCTR) : globalCTR.value
        return Float(PriorRestoration().offset(counts, globalCTR: globalCTR, meanLabel: trainedCTR))
    }
}
