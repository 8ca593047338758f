import CTRModels
import CloudTraining
import Evaluation
import FineTuning
import LabelCorrection
import LocalStages
import Samples
import UserPartition

extension TrainingSettings {
    /// The section `train`.
    init(_ reader: SettingsReader) {
        self.init()
        model = reader.choice("model", default: model)
        features = reader.texts("features")
        embeddingDimension = reader.integer("embedding_dimension", default: embeddingDimension, in: 1...4096)
        hiddenSizes = reader.sizes("hidden_sizes", default: hiddenSizes)
        activation = reader.choice("activation", default: chosenActivation)
        dropout = reader.number(
            "dropout", default: dropout, expected: "a number of at least 0 and below 1", isValid: { $0 >= 0 && $0 < 1 })
        crossLayers = reader.integer("cross_layers", default: crossLayers, in: 1...64)
        attentionSizes = reader.sizes("attention_sizes", default: attentionSizes)
        pooling = reader.choice("pooling", default: pooling)
        optimizer = reader.optimizer(default: optimizer)
        schedule = LearningRateSchedule(
            reader.choice("schedule", default: schedule.decay),
            warmupSteps: reader.integer("warmup_steps", default: schedule.warmupSteps, in: 0...Int.max))
        weightDecay = reader.number(
            "weight_decay", default: weightDecay, expected: "a number of at least 0", isValid: { $0 >= 0 })
        batchSize = reader.integer("batch_size", default: batchSize, in: 1...1_048_576)
        epochs = reader.integer("epochs", default: epochs, in: 1...100_000)
        earlyStopping = reader.choice("early_stopping", default: earlyStopping)
        patience = reader.integer("patience", default: patience, in: 1...100_000)
        memoryBytes = reader.bytes("memory", default: memoryBytes, in: 1 << 10...Int.max)
        reader.finish()
    }
}

extension FineTuningSettings {
    /// The sections `finetune` and `correct`.
    init(_ reader: SettingsReader, correct: SettingsReader) {
        self.init()
        correction = Correction(
            correct.choice("method", default: correction.method),
            priorStrength: correct.number(
                "prior_strength", default: correction.priorStrength, expected: "a number of at least 0",
                isValid: { $0 >= 0 }),
            smoothing: correct.number(
                "smoothing", default: correction.smoothing, expected: "a number from 0 to 1",
                isValid: { (0...1).contains($0) }))
        correct.finish()
        arms = reader.list(
            "arms", default: arms, expected: "arms out of \(Arm.allCases.map(\.rawValue).joined(separator: ", "))",
            shown: \.rawValue
        ) { Arm(rawValue: $0) }
        if arms.isEmpty || Set(arms).count < arms.count {
            reader.fault("`finetune.arms` must hold at least one arm, none of them twice", key: "arms")
        }
        schedule = LocalSchedule(
            optimizer: reader.optimizer(default: schedule.optimizer),
            epochs: reader.integer("epochs", default: schedule.epochs, in: 1...10_000),
            batchSize: reader.integer("batch_size", default: schedule.batchSize, in: 1...1_048_576),
            tuned: reader.choice("tuned", default: schedule.tuned),
            pull: reader.number(
                "pull", default: schedule.pull, expected: "a number of at least 0", isValid: { $0 >= 0 }))
        if case .sgd(let rate) = schedule.optimizer, rate * schedule.pull >= 1 {
            reader.fault(
                "a pull of \(schedule.pull) at a learning rate of \(rate) would throw weights past the cloud's at each step",
                key: "pull", advice: "their product must be below 1")
        }
        mostSamples = reader.optionalInteger("max_samples", in: 1...Int.max)
        fewestSamples = reader.integer("min_samples", default: fewestSamples, in: 1...Int.max)
        if let mostSamples, mostSamples < fewestSamples {
            reader.fault(
                "`finetune.max_samples` is \(mostSamples), below `finetune.min_samples`, \(fewestSamples): nobody would be tuned",
                key: "max_samples")
        }
        singleClass = reader.choice("single_class", default: singleClass)
        restoration = PriorRestoration(
            strength: reader.number(
                "restore_strength", default: restoration.strength, expected: "a number above 0",
                isValid: { $0 > 0 && $0.isFinite }),
            rule: reader.choice("restore", default: restoration.rule))
        gateDefault = reader.choice("gate_default", default: gateDefault)
        itemMeanStrength = reader.number(
            "item_mean_strength", default: itemMeanStrength, expected: "a number above 0", isValid: { $0 > 0 })
        reader.finish()
    }
}

extension EvaluationSettings {
    /// The section `evaluate`.
    init(_ reader: SettingsReader) {
        self.init()
        part = reader.choice("part", default: EvaluatedPart.test) == .test ? .test : .validation
        top = reader.integer("top", default: top, in: 1...1_000_000)
        bootstrap.resamples = reader.integer("resamples", default: bootstrap.resamples, in: 1...1_000_000)
        bootstrap.seed = UInt64(reader.integer("bootstrap_seed", default: 1, in: 0...Int.max))
        memoryBytes = reader.bytes("memory", default: memoryBytes, in: 1 << 20...Int.max)
        reader.finish()
    }

    private enum EvaluatedPart: String, CaseIterable { case validation, test }
}

extension SettingsReader {
    private enum OptimizerName: String, CaseIterable { case sgd, adam, adagrad }

    /// A list of layers' widths.
    fileprivate func sizes(_ key: String, default standard: [Int]) -> [Int] {
        list(key, default: standard, expected: "whole numbers of at least 1") {
            Int($0).flatMap { (1...65_536).contains($0) ? $0 : nil }
        }
    }

    /// The keys `optimizer` and `learning_rate`.
    fileprivate func optimizer(default standard: Optimizer.Method) -> Optimizer.Method {
        let (standardName, standardRate): (OptimizerName, Double) =
            switch standard {
            case .sgd(let rate): (.sgd, rate)
            case .adam(let rate, _, _, _): (.adam, rate)
            case .adagrad(let rate, _): (.adagrad, rate)
            }
        let name = choice("optimizer", default: standardName)
        let rate = number(
            "learning_rate", default: standardRate, expected: "a number above 0", isValid: { $0 > 0 })
        switch name {
        case .sgd: return .sgd(learningRate: rate)
        case .adam: return .adam(learningRate: rate)
        case .adagrad: return .adagrad(learningRate: rate)
        }
    }
}
