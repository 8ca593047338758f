/// DIEN (Zhou et al. 2019, "Deep Interest Evolution Network for Click-Through Rate Prediction", arXiv 1809.03672,
/// section 4): the user's history read in order by two recurrent layers, the second led by attention to the item at
/// hand,
///
///     logit = b + MLP([e_1; …; e_F; h'_T])
///
/// Shapes: F fields and H histories, dimension d, K = H · d: keys and states [positions, K], perceptron input [rows, F
/// · d + K]. The histories share the embeddings of the fields that they are of. Parameters: `bias`,
/// `fields.<name>.embedding`, `gru.…`, `attention.weight`, `augru.…`, `mlp.<i>.…`. FLOPs a sample: the MLP's, and 24K²
/// a position for the recurrent layers.
struct DeepInterestEvolutionNetwork: Network {
    private let bias: Bias
    private let fields: FieldEmbeddings
    private let history: HistoryEmbeddings
    private let evolution: InterestEvolution
    private let mlp: MultilayerPerceptron
    /// Where h'_T starts in a row of the perceptron's input.
    private let interestStart: Int

    init(_ architecture: Architecture, _ plan: inout NetworkPlan) {
        let dimension = architecture.embeddingDimension
        bias = Bias(&plan)
        fields = FieldEmbeddings(
            architecture, isFirstOrder: false, extraWidth: architecture.histories.count * dimension, &plan)
        history = HistoryEmbeddings(architecture, fields, &plan)
        evolution = InterestEvolution(history, &plan)
        mlp = MultilayerPerceptron(inputs: fields.width, architecture, &plan)
        interestStart = fields.width - history.width
    }

    func forward(_ batch: Batch, _ parameters: Parameters) {
        bias.forward(batch, parameters)
        fields.forward(batch, parameters)
        history.forward(batch, parameters)
        evolution.forward(
            batch, parameters, interest: batch[fields.embeddings] + interestStart, stride: fields.width)
        mlp.forward(batch, parameters, input: fields.embeddings)
    }

    func backward(_ batch: Batch, _ parameters: Parameters, _ gradient: inout Gradient) {
        mlp.backward(batch, parameters, &gradient, input: fields.embeddings, inputGradient: fields.gradients)
        evolution.backward(
            batch, parameters, &gradient, interestGradient: batch[fields.gradients] + interestStart,
            stride: fields.width)
        history.backward(batch, &gradient)
        fields.backward(batch, &gradient)
        bias.backward(batch, &gradient)
    }

    static func flopsPerSample(_ architecture: Architecture, historyLength: Int) -> Int {
        let keyWidth = architecture.histories.count * architecture.embeddingDimension
        let width = architecture.embeddedFields.count * architecture.embeddingDimension + keyWidth
        return historyLength * InterestEvolution.flopsPerPosition(width: keyWidth)
            + MultilayerPerceptron.flopsPerSample(inputs: width, architecture)
    }
}
