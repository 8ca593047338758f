/// DCN v2 in its parallel form (Wang et al. 2021, "DCN V2: Improved Deep & Cross Network and Practical Lessons for
/// Web-scale Learning to Rank Systems", arXiv 2008.13535, sections 3.2 to 3.4):
///
///     logit = b + <w, x_L> + MLP(x_0),   x_0 = [e_1; …; e_F],   x_{l+1} = x_0 ⊙ (W_l x_l + b_l) + x_l
///
/// Shapes: F fields, dimension d, D = F · d: [rows, D]. Parameters: `bias`, `fields.<name>.embedding`,
/// `cross.<l>.weight`, `cross.<l>.bias`, `cross.output.weight`, `mlp.<i>.…`. FLOPs a sample: L · D(2D + 3) + 2D and the
/// MLP's.
struct DeepAndCross: Network {
    private let bias: Bias
    private let fields: FieldEmbeddings
    private let cross: CrossNetwork
    private let mlp: MultilayerPerceptron

    init(_ architecture: Architecture, _ plan: inout NetworkPlan) {
        bias = Bias(&plan)
        fields = FieldEmbeddings(architecture, isFirstOrder: false, &plan)
        cross = CrossNetwork(width: fields.width, layers: architecture.crossLayers, &plan)
        mlp = MultilayerPerceptron(inputs: fields.width, architecture, &plan)
    }

    func forward(_ batch: Batch, _ parameters: Parameters) {
        bias.forward(batch, parameters)
        fields.forward(batch, parameters)
        cross.forward(batch, parameters, input: fields.embeddings)
        mlp.forward(batch, parameters, input: fields.embeddings)
    }

    func backward(_ batch: Batch, _ parameters: Parameters, _ gradient: inout Gradient) {
        mlp.backward(batch, parameters, &gradient, input: fields.embeddings, inputGradient: fields.gradients)
        cross.backward(batch, parameters, &gradient, input: fields.embeddings, inputGradient: fields.gradients)
        fields.backward(batch, &gradient)
        bias.backward(batch, &gradient)
    }

    static func flopsPerSample(_ architecture: Architecture, historyLength: Int) -> Int {
        let width = architecture.embeddedFields.count * architecture.embeddingDimension
        return CrossNetwork.flopsPerSample(width: width, layers: architecture.crossLayers)
            + MultilayerPerceptron.flopsPerSample(inputs: width, architecture)
    }
}
