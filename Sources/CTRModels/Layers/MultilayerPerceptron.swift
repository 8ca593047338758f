/// Hidden layers and one output that is added to the logit:
///
///     h_0 = x,   h_i = f(h_{i-1} · W_iᵀ + b_i),   logit += <w, h_n>
///
/// In PyTorch: `Sequential(Linear, f, …, Linear(last, 1, bias=False))`, whose names it uses (`mlp.0.weight`,
/// `mlp.0.bias`, `mlp.2.weight`, …). The output has no bias of its own because the model has one.
struct MultilayerPerceptron: Sendable {
    private let layers: [HiddenLayer]
    private let output: OutputLayer

    /// Weights start evenly in ±1/√inputs, as torch.nn.Linear's do.
    init(inputs: Int, _ architecture: Architecture, _ plan: inout NetworkPlan) {
        layers = HiddenLayer.stack(
            "mlp", inputs: inputs, sizes: architecture.hiddenSizes, activation: architecture.activation,
            dropout: architecture.dropout, &plan)
        output = OutputLayer("mlp.\(2 * layers.count)", inputs: layers.last?.outputs ?? inputs, &plan)
    }

    /// logits [rows] += the output for `input` [rows, inputs].
    func forward(_ batch: Batch, _ parameters: Parameters, input: ScratchSlot) {
        var x = input
        for layer in layers {
            layer.forward(batch, parameters, x)
            x = layer.activations
        }
        output.forward(batch, parameters, input: x)
    }

    /// `inputGradient` [rows, inputs] = the gradient by `input`; adds to the weights' gradients.
    func backward(
        _ batch: Batch, _ parameters: Parameters, _ gradient: inout Gradient, input: ScratchSlot,
        inputGradient: ScratchSlot
    ) {
        output.backward(
            batch, parameters, &gradient, input: layers.last?.activations ?? input,
            inputGradient: layers.last?.gradients ?? inputGradient)
        for index in layers.indices.reversed() {
            layers[index].backward(
                batch, parameters, &gradient, index == 0 ? input : layers[index - 1].activations,
                dx: index == 0 ? inputGradient : layers[index - 1].gradients)
        }
    }

    /// Multiplications and additions a sample, biases and activations among them.
    static func flopsPerSample(inputs: Int, _ architecture: Architecture) -> Int {
        HiddenLayer.flops(inputs: inputs, sizes: architecture.hiddenSizes)
            + 2 * (architecture.hiddenSizes.last ?? inputs)
    }
}
