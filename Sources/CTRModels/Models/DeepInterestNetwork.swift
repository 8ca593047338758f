/// DIN (Zhou et al. 2018, "Deep Interest Network for Click-Through Rate Prediction", arXiv 1706.06978, sections 4.3 and
/// 5.3): the user's history pooled by how much each position counts for the item at hand,
///
///     logit = b + MLP([e_1; …; e_F; v]),   v = Σ_t a_t k_t,   a_t = net([q; k_t; q − k_t; q ⊙ k_t])
///
/// Shapes: F fields and H histories, dimension d, K = H · d: keys [positions, K], perceptron input [rows, F · d + K].
/// The histories share the embeddings of the fields that they are of. Parameters: `bias`, `fields.<name>.embedding`,
/// `attention.<i>.…`, `mlp.<i>.…`. FLOPs a sample: the MLP's, and the attention network's a position.
struct DeepInterestNetwork: Network {
    private let bias: Bias
    private let fields: FieldEmbeddings
    private let history: HistoryEmbeddings
    private let attention: AttentionNetwork
    private let mlp: MultilayerPerceptron
    /// Where v starts in a row of the perceptron's input.
    private let pooledStart: Int

    init(_ architecture: Architecture, _ plan: inout NetworkPlan) {
        let dimension = architecture.embeddingDimension
        bias = Bias(&plan)
        fields = FieldEmbeddings(
            architecture, isFirstOrder: false, extraWidth: architecture.histories.count * dimension, &plan)
        history = HistoryEmbeddings(architecture, fields, &plan)
        attention = AttentionNetwork(architecture, history, &plan)
        mlp = MultilayerPerceptron(inputs: fields.width, architecture, &plan)
        pooledStart = fields.width - history.width
    }

    func forward(_ batch: Batch, _ parameters: Parameters) {
        bias.forward(batch, parameters)
        fields.forward(batch, parameters)
        history.forward(batch, parameters)
        attention.forward(
            batch, parameters, pooled: batch[fields.embeddings] + pooledStart, stride: fields.width)
        mlp.forward(batch, parameters, input: fields.embeddings)
    }

    func backward(_ batch: Batch, _ parameters: Parameters, _ gradient: inout Gradient) {
        mlp.backward(batch, parameters, &gradient, input: fields.embeddings, inputGradient: fields.gradients)
        attention.backward(
            batch, parameters, &gradient, pooledGradient: batch[fields.gradients] + pooledStart, stride: fields.width)
        history.backward(batch, &gradient)
        fields.backward(batch, &gradient)
        bias.backward(batch, &gradient)
    }

    static func flopsPerSample(_ architecture: Architecture, historyLength: Int) -> Int {
        let keyWidth = architecture.histories.count * architecture.embeddingDimension
        let width = architecture.embeddedFields.count * architecture.embeddingDimension + keyWidth
        return historyLength * AttentionNetwork.flopsPerPosition(width: keyWidth, architecture)
            + MultilayerPerceptron.flopsPerSample(inputs: width, architecture)
    }
}
