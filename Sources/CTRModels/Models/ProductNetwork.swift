/// PNN with inner products (Qu et al. 2016, "Product-based Neural Networks for User Response Prediction", arXiv
/// 1611.00144, section III.B): a perceptron over the embeddings and the products of all their pairs,
///
///     logit = b + MLP([e_1; …; e_F; <e_1, e_2>; <e_1, e_3>; …; <e_{F−1}, e_F>])
///
/// The paper's product layer, linear in both, is the perceptron's first. Shapes: F fields, dimension d: [rows, F · d +
/// F(F − 1)/2]. Parameters: `bias`, `fields.<name>.embedding`, `mlp.<i>.…`. FLOPs a sample: dF(F − 1) and the MLP's.
struct ProductNetwork: Network {
    private let bias: Bias
    private let fields: FieldEmbeddings
    private let products: InnerProducts
    private let mlp: MultilayerPerceptron

    init(_ architecture: Architecture, _ plan: inout NetworkPlan) {
        let count = architecture.embeddedFields.count
        bias = Bias(&plan)
        fields = FieldEmbeddings(
            architecture, isFirstOrder: false, extraWidth: InnerProducts.count(fields: count), &plan)
        products = InnerProducts(fields: count, dimension: architecture.embeddingDimension)
        mlp = MultilayerPerceptron(inputs: fields.width, architecture, &plan)
    }

    func forward(_ batch: Batch, _ parameters: Parameters) {
        bias.forward(batch, parameters)
        fields.forward(batch, parameters)
        products.forward(batch, fields.embeddings)
        mlp.forward(batch, parameters, input: fields.embeddings)
    }

    func backward(_ batch: Batch, _ parameters: Parameters, _ gradient: inout Gradient) {
        mlp.backward(batch, parameters, &gradient, input: fields.embeddings, inputGradient: fields.gradients)
        products.backward(batch, fields.embeddings, gradients: fields.gradients)
        fields.backward(batch, &gradient)
        bias.backward(batch, &gradient)
    }

    static func flopsPerSample(_ architecture: Architecture, historyLength: Int) -> Int {
        let (count, dimension) = (architecture.embeddedFields.count, architecture.embeddingDimension)
        let products = InnerProducts.count(fields: count)
        return 2 * dimension * products
            + MultilayerPerceptron.flopsPerSample(inputs: count * dimension + products, architecture)
    }
}
