/// Wide & Deep (Cheng et al. 2016, "Wide & Deep Learning for Recommender Systems", arXiv 1606.07792, equation 3), with
/// the fields themselves as the wide part, no crossed ones:
///
///     logit = b + Σ_f w_f + MLP([e_1; …; e_F])
///
/// Shapes: F fields, dimension d: embeddings [rows, F · d]. Parameters: `bias`, `fields.<name>.weight`,
/// `fields.<name>.embedding`, `mlp.<i>.…`. FLOPs a sample: 2F and the MLP's.
struct WideAndDeep: Network {
    private let bias: Bias
    private let fields: FieldEmbeddings
    private let mlp: MultilayerPerceptron

    init(_ architecture: Architecture, _ plan: inout NetworkPlan) {
        bias = Bias(&plan)
        fields = FieldEmbeddings(architecture, &plan)
        mlp = MultilayerPerceptron(inputs: fields.width, architecture, &plan)
    }

    func forward(_ batch: Batch, _ parameters: Parameters) {
        bias.forward(batch, parameters)
        fields.forward(batch, parameters)
        mlp.forward(batch, parameters, input: fields.embeddings)
    }

    func backward(_ batch: Batch, _ parameters: Parameters, _ gradient: inout Gradient) {
        mlp.backward(batch, parameters, &gradient, input: fields.embeddings, inputGradient: fields.gradients)
        fields.backward(batch, &gradient)
        bias.backward(batch, &gradient)
    }

    static func flopsPerSample(_ architecture: Architecture, historyLength: Int) -> Int {
        let (count, dimension) = (architecture.embeddedFields.count, architecture.embeddingDimension)
        return 2 * count + MultilayerPerceptron.flopsPerSample(inputs: count * dimension, architecture)
    }
}
