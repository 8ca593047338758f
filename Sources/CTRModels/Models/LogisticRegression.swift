/// Logistic regression: logit = b + Σ_f w_f[id] (mean over lists, times value for dense fields).
///
/// Parameters: `bias`, `fields.<name>.weight`. FLOPs a sample: 2 a field.
struct LogisticRegression: Network {
    private let bias: Bias
    private let firstOrder: FieldEmbeddings

    init(_ architecture: Architecture, _ plan: inout NetworkPlan) {
        bias = Bias(&plan)
        firstOrder = FieldEmbeddings(architecture, &plan)
    }

    func forward(_ batch: Batch, _ parameters: Parameters) {
        bias.forward(batch, parameters)
        firstOrder.forward(batch, parameters)
    }

    func backward(_ batch: Batch, _ parameters: Parameters, _ gradient: inout Gradient) {
        firstOrder.backward(batch, &gradient)
        bias.backward(batch, &gradient)
    }

    static func flopsPerSample(_ architecture: Architecture, historyLength: Int) -> Int {
        2 * architecture.embeddedFields.count
    }
}
