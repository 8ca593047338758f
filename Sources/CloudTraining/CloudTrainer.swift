import ByteStreams
public import CTRModels
import Evaluation
import LocalStages
public import Samples
public import UserPartition

/// Trains the cloud model on all users' train parts, held-out users excepted: the stage `train`.
///
/// Shuffled passes; after each the validation part's GAUC decides whether to go on, and the best pass's weights are kept. The
/// test part is never looked at. Same store, settings and seed: the same weights.
public struct CloudTrainer: Sendable {
    private let settings: TrainingSettings
    private let seed: UInt64

    /// A trainer; `seed` decides the first weights and every shuffle.
    public init(_ settings: TrainingSettings, seed: UInt64) {
        self.settings = settings
        self.seed = seed
    }

    /// What the model is made of, given a store: its features and dictionary sizes. Throws `usage` for unknown features.
    public func architecture(for manifest: PartitionManifest) throws(StageError) -> Architecture {
        let schema = manifest.schema
        let names = settings.features ?? schema.features.map(\.name)
        var fields: [Architecture.Field] = []
        for name in names {
            guard let column = schema.features.firstIndex(where: { $0.name == name }) else {
                throw StageError(
                    .usage, "there is no feature `\(name)` to train on",
                    advice: "the store has \(schema.features.map(\.name).joined(separator: ", "))")
            }
            let rows = manifest.dictionarySizes[column] ?? 0
            switch schema.features[column].kind {
            case .categorical: fields.append(.init(name: name, kind: .categorical, rows: max(1, rows)))
            case .multivalued: fields.append(.init(name: name, kind: .multivalued, rows: max(1, rows)))
            case .dense: fields.append(.init(name: name, kind: .dense, rows: 0))
            }
        }
        let architecture =
            switch settings.model {
            case .lr: Architecture(kind: .lr, fields: fields)
            default:
                Architecture(
                    kind: settings.model, fields: fields, embeddingDimension: settings.embeddingDimension,
                    hiddenSizes: settings.hiddenSizes)
            }
        do throws(ModelError) {
            try architecture.validate()
        } catch {
            throw StageError(.usage, error.message)
        }
        return architecture
    }

    /// Trains on a store. `onEpoch` hears of each pass as it ends.
    ///
    /// Throws `data` if there are no train samples or a loss is not finite; `cancelled` between two steps.
    public func train(
        on store: PartitionStore, onEpoch: @Sendable (_ number: Int, _ epoch: CloudModel.Epoch) -> Void = { _, _ in }
    ) async throws(StageError) -> CloudModel {
        let architecture = try architecture(for: store.manifest)
        let features = try ModelFeatures(of: architecture, in: store.schema)
        let (train, validation) = try await TrainingSamples.read(store, features: features)
        guard train.count > 0 else { throw StageError(.data, "the store has no train samples that the cloud may see") }
        var model = CTRModel(architecture: architecture, seed: seed)
        let counts = try await BlockingThread().run { () throws(StageError) in try store.trainCounts() }
        try model.clearUnseen(counts)

        // No batch has more samples than there are: a large setting costs no memory.
        let batchSize = min(settings.batchSize, max(train.count, validation.count))
        var optimizer = Optimizer(settings.optimizer, for: model)
        var gradient = Gradient(for: model)
        var workspace = model.makeWorkspace(rows: batchSize)
        var shuffler = SplitMix64(seed: seed, name: "cloud shuffle")
        var order = Array(0..<Int32(train.count))
        var epochs: [CloudModel.Epoch] = []
        var best: (index: Int, gauc: Double, model: CTRModel)?

        while epochs.count < settings.epochs {
            shuffler.shuffle(&order)
            var lossSum = 0.0
            for start in stride(from: 0, to: order.count, by: batchSize) {
                if Task.isCancelled { throw .cancelled }
                let rows = order[start..<min(start + batchSize, order.count)]
                gradient.clear()
                let loss = model.lossAndGradient(
                    train.input, rows: rows, labels: train.labels, workspace: &workspace, gradient: &gradient)
                guard loss.isFinite else {
                    throw StageError(
                        .data,
                        "the loss is not finite in pass \(epochs.count + 1), step \(start / batchSize + 1)",
                        advice: "lower train.learning_rate")
                }
                lossSum += loss * Double(rows.count)
                optimizer.step(&model, gradient)
            }
            guard model.parameters.areFinite else {
                throw StageError(
                    .data, "a weight is not finite after pass \(epochs.count + 1)", advice: "lower train.learning_rate")
            }
            let gauc = validationGAUC(model, validation, batchSize: batchSize, workspace: &workspace)
            let epoch = CloudModel.Epoch(loss: lossSum / Double(train.count), validationGAUC: gauc)
            epochs.append(epoch)
            onEpoch(epochs.count, epoch)
            // Without a GAUC there is nothing to choose by: train to the end and keep the last.
            if let gauc, gauc <= best?.gauc ?? -1 {
                if epochs.count - 1 - (best?.index ?? 0) >= settings.patience { break }
            } else {
                best = (epochs.count - 1, gauc ?? -1, model)
            }
        }
        return CloudModel(
            model: best?.model ?? model, epochs: epochs, best: best?.index ?? epochs.count - 1,
            trainSamples: train.count)
    }

    private func validationGAUC(
        _ model: CTRModel, _ samples: TrainingSamples, batchSize: Int, workspace: inout Workspace
    ) -> Double? {
        var logits = [Float](repeating: 0, count: samples.count)
        for start in stride(from: 0, to: samples.count, by: batchSize) {
            let rows = start..<min(start + batchSize, samples.count)
            model.logits(samples.input, rows: rows, workspace: &workspace, into: &logits)
        }
        var gauc = GroupedAUC()
        for rows in samples.users {
            for row in rows { gauc.append(Double(logits[row]), isPositive: samples.labels[row] > 0.5) }
            gauc.endGroup()
        }
        return gauc.weightedMean
    }
}

extension Parameters {
    /// Whether every number is. Cost: one pass over all of them.
    fileprivate var areFinite: Bool {
        dense.allSatisfy(\.isFinite) && tables.allSatisfy { $0.values.allSatisfy(\.isFinite) }
    }
}
