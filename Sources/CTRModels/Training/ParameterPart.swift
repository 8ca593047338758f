/// Which of a model's parameters a step moves.
public enum ParameterPart: String, Sendable, Hashable, CaseIterable {
    /// Everything.
    case all
    /// All dense parameters, and no table.
    case dense
    /// The tables: embeddings of ids and their first-order weights.
    case embeddings
    /// What is added to the logit as it is: the output weights of the perceptron and of a cross network, and the bias.
    /// Models without such a layer (LR, FM) have the bias alone.
    case lastLayer = "last-layer"
    /// The model's one bias.
    case bias

    /// Whether tables move.
    var hasTables: Bool { self == .all || self == .embeddings }
}

extension ParameterLayout {
    /// Where the dense parameters of a part lie, in order.
    func denseRanges(of part: ParameterPart) -> [Range<Int>] {
        switch part {
        case .all, .dense: [0..<denseCount]
        case .embeddings: []
        case .lastLayer: outputRanges
        case .bias: [biasRange]
        }
    }
}
