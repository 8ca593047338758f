/// DeepFM (Guo, Tang, Ye, Li, He 2017, "DeepFM: A Factorization-Machine based Neural Network for CTR Prediction",
/// arXiv 1703.04247): a factorization machine and a multilayer perceptron over the same embeddings, equations 1 to 4.
///
///     logit = b + Σ_f w_f  +  Σ_{f<g} <e_f, e_g>  +  MLP([e_1; …; e_F])
///
/// Shapes: F fields, dimension d: embeddings [rows, F, d], read by the MLP as [rows, F · d]. Parameters: `bias`,
/// `fields.<name>.weight`, `fields.<name>.embedding`, `mlp.<i>.weight`, `mlp.<i>.bias`. FLOPs a sample: 2F first order,
/// 4Fd + 3d second order, and the MLP's 2 · inputs · outputs a layer, biases and ReLU besides.
struct DeepFM: Network {
    private let bias: Bias
    private let fields: FieldEmbeddings
    private let pairs: FactorizationMachine
    private let mlp: MultilayerPerceptron

    init(_ architecture: Architecture, _ plan: inout NetworkPlan) {
        bias = Bias(&plan)
        fields = FieldEmbeddings(architecture, &plan)
        pairs = FactorizationMachine(
            fields: architecture.embeddedFields.count, dimension: architecture.embeddingDimension, &plan)
        mlp = MultilayerPerceptron(inputs: fields.width, architecture, &plan)
    }

    func forward(_ batch: Batch, _ parameters: Parameters) {
        bias.forward(batch, parameters)
        fields.forward(batch, parameters)
        pairs.forward(batch, embeddings: fields.embeddings)
        mlp.forward(batch, parameters, input: fields.embeddings)
    }

    func backward(_ batch: Batch, _ parameters: Parameters, _ gradient: inout Gradient) {
        mlp.backward(batch, parameters, &gradient, input: fields.embeddings, inputGradient: fields.gradients)
        pairs.backward(batch, embeddings: fields.embeddings, embeddingGradients: fields.gradients)
        fields.backward(batch, &gradient)
        bias.backward(batch, &gradient)
    }

    static func flopsPerSample(_ architecture: Architecture, historyLength: Int) -> Int {
        let (count, dimension) = (architecture.embeddedFields.count, architecture.embeddingDimension)
        return 2 * count + (4 * count + 3) * dimension
            + MultilayerPerceptron.flopsPerSample(inputs: count * dimension, architecture)
    }
}
