@testable import CTRModels

/// `DeepAndCross` with a mistake: the cross network's part of the embeddings' gradient is lost. What compares gradients
/// must find it.
struct DeepAndCrossWithoutTerm: Network {
    private let bias: Bias
    private let fields: FieldEmbeddings
    private let cross: CrossNetwork
    private let mlp: MultilayerPerceptron
    private let lost: ScratchSlot

    init(_ architecture: Architecture, _ plan: inout NetworkPlan) {
        bias = Bias(&plan)
        fields = FieldEmbeddings(architecture, isFirstOrder: false, &plan)
        cross = CrossNetwork(width: fields.width, layers: architecture.crossLayers, &plan)
        mlp = MultilayerPerceptron(inputs: fields.width, architecture, &plan)
        lost = plan.scratch.add(width: fields.width)
    }

    func forward(_ batch: Batch, _ parameters: Parameters) {
        bias.forward(batch, parameters)
        fields.forward(batch, parameters)
        cross.forward(batch, parameters, input: fields.embeddings)
        mlp.forward(batch, parameters, input: fields.embeddings)
    }

    func backward(_ batch: Batch, _ parameters: Parameters, _ gradient: inout Gradient) {
        mlp.backward(batch, parameters, &gradient, input: fields.embeddings, inputGradient: fields.gradients)
        batch[lost].update(repeating: 0, count: batch.count * fields.width)
        cross.backward(batch, parameters, &gradient, input: fields.embeddings, inputGradient: lost)
        fields.backward(batch, &gradient)
        bias.backward(batch, &gradient)
    }

    static func flopsPerSample(_ architecture: Architecture, historyLength: Int) -> Int {
        DeepAndCross.flopsPerSample(architecture, historyLength: historyLength)
    }
}

extension CTRModel {
    /// The same weights with that mistake; of kind `dcnV2`.
    var withoutTerm: CTRModel {
        var plan = NetworkPlan()
        let network = DeepAndCrossWithoutTerm(architecture, &plan)
        return CTRModel(architecture: architecture, parameters: parameters, network: network, plan: plan)
    }
}
