/// Linear layers with ReLU between them and one output that is added to the logit:
///
///     h_0 = x,   h_i = max(0, h_{i-1} · W_iᵀ + b_i),   logit += <w, h_n>
///
/// In PyTorch: `Sequential(Linear, ReLU, …, Linear(last, 1, bias=False))`, whose names it uses (`mlp.0.weight`,
/// `mlp.0.bias`, `mlp.2.weight`, …). The output has no bias of its own because the model has one.
struct MultilayerPerceptron: Sendable {
    /// One hidden layer; `inputs` to `outputs`.
    private struct Layer: Sendable {
        let inputs: Int
        let outputs: Int
        /// [outputs, inputs] and [outputs] in the dense vector.
        let weight: Range<Int>
        let bias: Range<Int>
        /// After ReLU, [rows, outputs], and the loss's gradient by what came before ReLU.
        let activations: ScratchSlot
        let gradients: ScratchSlot
    }

    private let layers: [Layer]
    /// [last width] in the dense vector.
    private let output: Range<Int>
    private let logits: ScratchSlot
    private let logitGradients: ScratchSlot

    /// Weights start evenly in ±1/√inputs, as torch.nn.Linear's do.
    init(inputs: Int, hiddenSizes: [Int], _ plan: inout NetworkPlan) {
        var layers: [Layer] = []
        var width = inputs
        for size in hiddenSizes {
            let bound = 1 / Double(width).squareRoot()
            let name = "mlp.\(2 * layers.count)"
            layers.append(
                Layer(
                    inputs: width, outputs: size,
                    weight: plan.parameters.addDense(
                        "\(name).weight", shape: [size, width], start: .uniform(bound: bound)),
                    bias: plan.parameters.addDense("\(name).bias", shape: [size], start: .uniform(bound: bound)),
                    activations: plan.scratch.add(width: size), gradients: plan.scratch.add(width: size)))
            width = size
        }
        output = plan.parameters.addDense(
            "mlp.\(2 * layers.count).weight", shape: [1, width], start: .uniform(bound: 1 / Double(width).squareRoot()))
        self.layers = layers
        logits = plan.logits
        logitGradients = plan.logitGradients
    }

    /// logits [rows] += the output for `input` [rows, inputs].
    func forward(_ batch: Batch, _ parameters: Parameters, input: ScratchSlot) {
        let rows = batch.count
        parameters.dense.withUnsafeBufferPointer { dense in
            // Never nil: there is an output weight.
            guard let dense = dense.baseAddress else { return }
            var x = UnsafePointer(batch[input])
            for layer in layers {
                let y = batch[layer.activations]
                LinearKernels.forward(
                    x: x, weight: dense + layer.weight.lowerBound, y: y, rows: rows, inputs: layer.inputs,
                    outputs: layer.outputs)
                ActivationKernels.addBiasAndRectify(
                    y, bias: dense + layer.bias.lowerBound, rows: rows, width: layer.outputs)
                x = UnsafePointer(y)
            }
            let logits = batch[logits]
            for row in 0..<rows {
                logits[row] += VectorKernels.dot(
                    x + row * output.count, dense + output.lowerBound, count: output.count)
            }
        }
    }

    /// `inputGradient` [rows, inputs] = the gradient by `input`; adds to the weights' gradients.
    func backward(
        _ batch: Batch, _ parameters: Parameters, _ gradient: inout Gradient, input: ScratchSlot,
        inputGradient: ScratchSlot
    ) {
        let rows = batch.count
        parameters.dense.withUnsafeBufferPointer { dense in
            gradient.dense.withUnsafeMutableBufferPointer { denseGradient in
                guard let dense = dense.baseAddress, let denseGradient = denseGradient.baseAddress else { return }
                outputBackward(batch, dense, denseGradient, input: input, inputGradient: inputGradient)
                for index in layers.indices.reversed() {
                    let layer = layers[index]
                    let x = batch[index == 0 ? input : layers[index - 1].activations]
                    let dx = batch[index == 0 ? inputGradient : layers[index - 1].gradients]
                    let dy = batch[layer.gradients]
                    ActivationKernels.maskAndAddBiasGradient(
                        dy, activations: batch[layer.activations],
                        biasGradient: denseGradient + layer.bias.lowerBound, rows: rows, width: layer.outputs)
                    LinearKernels.addWeightGradient(
                        dy: dy, x: x, dw: denseGradient + layer.weight.lowerBound, rows: rows, inputs: layer.inputs,
                        outputs: layer.outputs)
                    LinearKernels.inputGradient(
                        dy: dy, weight: dense + layer.weight.lowerBound, dx: dx, rows: rows, inputs: layer.inputs,
                        outputs: layer.outputs)
                }
            }
        }
    }

    /// From the logit gradients [rows] to the gradient by the last activations [rows, last width].
    private func outputBackward(
        _ batch: Batch, _ dense: UnsafePointer<Float>, _ denseGradient: UnsafeMutablePointer<Float>,
        input: ScratchSlot, inputGradient: ScratchSlot
    ) {
        let width = output.count
        let x = batch[layers.last?.activations ?? input]
        let dx = batch[layers.last?.gradients ?? inputGradient]
        let logitGradients = batch[logitGradients]
        for row in 0..<batch.count {
            let scale = logitGradients[row]
            VectorKernels.set(dx + row * width, to: dense + output.lowerBound, scaledBy: scale, count: width)
            VectorKernels.add(x + row * width, scaledBy: scale, to: denseGradient + output.lowerBound, count: width)
        }
    }

    /// Multiplications and additions a sample, biases and ReLU among them.
    static func flopsPerSample(inputs: Int, hiddenSizes: [Int]) -> Int {
        var flops = 0
        var width = inputs
        for size in hiddenSizes {
            flops += size * (2 * width + 2)
            width = size
        }
        return flops + 2 * width
    }
}
