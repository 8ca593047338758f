import CKernels

/// One weighted sum of a row's numbers, added to its logit: logit += <w, x>. Tensor `<name>.weight` [1, inputs].
struct OutputLayer: Sendable {
    /// [inputs] in the dense vector.
    private let weight: Range<Int>
    private let logits: ScratchSlot
    private let logitGradients: ScratchSlot

    /// Weights start evenly in ±1/√inputs.
    init(_ name: String, inputs: Int, _ plan: inout NetworkPlan) {
        weight = plan.parameters.addDense(
            "\(name).weight", shape: [1, inputs], start: .uniform(bound: 1 / Double(inputs).squareRoot()),
            isOutput: true)
        logits = plan.logits
        logitGradients = plan.logitGradients
    }

    /// logits [rows] += <w, x> for `input` [rows, inputs].
    func forward(_ batch: Batch, _ parameters: Parameters, input: ScratchSlot) {
        let (logits, x) = (batch[logits], batch[input])
        parameters.withDense { dense in
            Kernels.best.pointee.dot_rows(
                x, weight.count, dense + weight.lowerBound, batch.count, weight.count, logits)
        }
    }

    /// `inputGradient` [rows, inputs] = the gradient by `input`; adds to the weight's gradient.
    func backward(
        _ batch: Batch, _ parameters: Parameters, _ gradient: inout Gradient, input: ScratchSlot,
        inputGradient: ScratchSlot
    ) {
        let (logitGradients, x, dx) = (batch[logitGradients], batch[input], batch[inputGradient])
        parameters.withDense { dense in
            gradient.withDense { slopes in
                LinearKernels.inputGradient(
                    dy: logitGradients, weight: dense + weight.lowerBound, dx: dx, rows: batch.count,
                    inputs: weight.count, outputs: 1)
                LinearKernels.addWeightGradient(
                    dy: logitGradients, x: x, dw: slopes + weight.lowerBound, rows: batch.count, inputs: weight.count,
                    outputs: 1)
            }
        }
    }
}
