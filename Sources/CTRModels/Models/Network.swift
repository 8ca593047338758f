/// A model as a composition of layers: forward and backward by hand. One conforming type a paper, one file each.
///
/// Layers hold places in parameters and scratch memory, never numbers, and nothing that depends on the rows of a table:
/// a copy of a model with smaller tables shares its network.
protocol Network: Sendable {
    /// Declares the parameters and scratch memory that the model needs.
    init(_ architecture: Architecture, _ plan: inout NetworkPlan)

    /// Adds to the batch's logits [rows], which are zero.
    func forward(_ batch: Batch, _ parameters: Parameters)

    /// Adds to `gradient`, from the batch's logit gradients [rows] and what `forward` left in scratch.
    func backward(_ batch: Batch, _ parameters: Parameters, _ gradient: inout Gradient)

    /// Multiplications and additions of one forward pass of one sample whose history has `historyLength` positions.
    static func flopsPerSample(_ architecture: Architecture, historyLength: Int) -> Int
}

extension Architecture.Kind {
    /// The one place where a new model is entered.
    var network: any Network.Type {
        switch self {
        case .lr: LogisticRegression.self
        case .fm: FactorizationMachines.self
        case .wideDeep: WideAndDeep.self
        case .deepfm: DeepFM.self
        case .pnn: ProductNetwork.self
        case .dcnV2: DeepAndCross.self
        case .din: DeepInterestNetwork.self
        case .dien: DeepInterestEvolutionNetwork.self
        }
    }
}

/// What a model declares while it is put together, and the places that all models share.
struct NetworkPlan: Sendable {
    var parameters = ParameterLayout()
    var scratch = ScratchPlan()
    /// A logit a row, and the loss's gradient by it.
    let logits: ScratchSlot
    let logitGradients: ScratchSlot

    init() {
        logits = scratch.add(width: 1)
        logitGradients = scratch.add(width: 1)
    }
}
