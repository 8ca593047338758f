/// Factorization machine (Rendle 2010, "Factorization Machines", equation 1):
///
///     logit = b + Σ_f w_f + Σ_{f<g} <e_f, e_g>
///
/// Shapes: F fields, dimension d: embeddings [rows, F · d]. Parameters: `bias`, `fields.<name>.weight`,
/// `fields.<name>.embedding`. FLOPs a sample: 2F first order, 4Fd + 3d second order.
struct FactorizationMachines: Network {
    private let bias: Bias
    private let fields: FieldEmbeddings
    private let pairs: FactorizationMachine

    init(_ architecture: Architecture, _ plan: inout NetworkPlan) {
        bias = Bias(&plan)
        fields = FieldEmbeddings(architecture, &plan)
        pairs = FactorizationMachine(
            fields: architecture.embeddedFields.count, dimension: architecture.embeddingDimension, &plan)
    }

    func forward(_ batch: Batch, _ parameters: Parameters) {
        bias.forward(batch, parameters)
        fields.forward(batch, parameters)
        pairs.forward(batch, embeddings: fields.embeddings)
    }

    func backward(_ batch: Batch, _ parameters: Parameters, _ gradient: inout Gradient) {
        batch[fields.gradients].update(repeating: 0, count: batch.count * fields.width)
        pairs.backward(batch, embeddings: fields.embeddings, embeddingGradients: fields.gradients)
        fields.backward(batch, &gradient)
        bias.backward(batch, &gradient)
    }

    static func flopsPerSample(_ architecture: Architecture, historyLength: Int) -> Int {
        let (count, dimension) = (architecture.embeddedFields.count, architecture.embeddingDimension)
        return 2 * count + (4 * count + 3) * dimension
    }
}
