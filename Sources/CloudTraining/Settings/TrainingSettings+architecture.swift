public import CTRModels
public import Samples
public import UserPartition

extension TrainingSettings {
    /// What the model is made of, given a store: its features and dictionary sizes. Throws `usage` for unknown
    /// features, and for a model that cannot be made of these.
    ///
    /// Models that attend over a history take the store's history features for that, and other models as lists.
    public func architecture(for manifest: PartitionManifest) throws(StageError) -> Architecture {
        let uses = model.uses
        let hasHidden = uses.contains(.hiddenLayers)
        let architecture = Architecture(
            kind: model, fields: try fields(for: manifest),
            embeddingDimension: uses.contains(.embeddings) ? embeddingDimension : 0,
            hiddenSizes: hasHidden ? hiddenSizes : [], activation: hasHidden ? chosenActivation : .relu,
            dropout: hasHidden ? dropout : 0, crossLayers: uses.contains(.crossLayers) ? crossLayers : 0,
            attentionSizes: uses.contains(.attentionLayers) ? attentionSizes : [])
        do throws(ModelError) {
            try architecture.validate()
        } catch {
            throw StageError(.usage, error.message)
        }
        return architecture
    }

    private func fields(for manifest: PartitionManifest) throws(StageError) -> [Architecture.Field] {
        let schema = manifest.schema
        var histories: [String: String] = [:]
        if model.uses.contains(.history) {
            for feature in manifest.history?.features ?? [] { histories[HistorySettings.name(of: feature)] = feature }
        }
        let names = features ?? schema.features.map(\.name)
        var fields: [Architecture.Field] = []
        for name in names {
            guard let column = schema.features.firstIndex(where: { $0.name == name }) else {
                throw StageError(
                    .usage, "there is no feature `\(name)` to train on",
                    advice: "the store has \(schema.features.map(\.name).joined(separator: ", "))")
            }
            let rows = max(1, manifest.dictionarySizes[column] ?? 0)
            switch schema.features[column].kind {
            case .categorical: fields.append(.init(name: name, kind: .categorical, rows: rows))
            case .dense: fields.append(.init(name: name, kind: .dense, rows: 0))
            case .multivalued:
                // Without the feature itself there is no table to share.
                if let owner = histories[name], names.contains(owner) {
                    fields.append(.init(name: name, kind: .history, rows: 0, of: owner))
                } else {
                    fields.append(.init(name: name, kind: .multivalued, rows: rows, pooling: pooling))
                }
            }
        }
        if model.uses.contains(.history), !fields.contains(where: { $0.kind == .history }) {
            throw StageError(
                .usage, "\(model.rawValue) reads a user's history, and there is none among its features",
                advice: "name features under `partition.history.features`, and both `NAME` and `history_NAME` under "
                    + "`train.features`")
        }
        return fields
    }
}
