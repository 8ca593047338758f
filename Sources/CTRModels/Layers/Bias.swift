/// One learned number added to every logit.
struct Bias: Sendable {
    private let index: Int
    private let logits: ScratchSlot
    private let logitGradients: ScratchSlot

    init(_ plan: inout NetworkPlan) {
        index = plan.parameters.addBias()
        logits = plan.logits
        logitGradients = plan.logitGradients
    }

    /// logits [rows] += b.
    func forward(_ batch: Batch, _ parameters: Parameters) {
        let logits = batch[logits]
        let bias = parameters.dense[index]
        for row in 0..<batch.count { logits[row] += bias }
    }

    /// db += Σ of the logit gradients [rows].
    func backward(_ batch: Batch, _ gradient: inout Gradient) {
        let logitGradients = batch[logitGradients]
        var sum: Float = 0
        for row in 0..<batch.count { sum += logitGradients[row] }
        gradient.dense[index] += sum
    }
}
