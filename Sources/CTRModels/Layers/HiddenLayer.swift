/// A linear layer with its activation and, in training, dropout: y = drop(f(x · Wᵀ + b)).
///
/// Over the rows of a batch, or over all positions of its histories. Tensors: `<name>.<2i>.weight` [outputs, inputs]
/// and `<name>.<2i>.bias` [outputs], the activation's `<name>.<2i + 1>.…`: those of `Sequential(Linear, f, Linear, f,
/// …)`.
struct HiddenLayer: Sendable {
    let inputs: Int
    let outputs: Int
    /// [outputs, inputs] and [outputs] in the dense vector.
    let weight: Range<Int>
    let bias: Range<Int>
    let activation: ActivationLayer
    /// The loss's gradient by the outputs; after `beginBackward` by the sums, x · Wᵀ + b.
    let gradients: ScratchSlot
    /// The weight's place among the products; nil for one a position, whose gradient the attention may make otherwise.
    private let product: Int?
    private let dropout: Dropout?
    private let unit: ScratchSlot.Unit

    /// The outputs [rows or positions, outputs].
    var activations: ScratchSlot { activation.outputs }

    /// Layers `inputs` → sizes[0] → … of a network. Weights start evenly in ±1/√inputs, as torch.nn.Linear's do.
    static func stack(
        _ name: String, inputs: Int, sizes: [Int], activation: Architecture.Activation, dropout: Double = 0,
        per unit: ScratchSlot.Unit = .row, _ plan: inout NetworkPlan
    ) -> [HiddenLayer] {
        var width = inputs
        return sizes.indices.map { index in
            defer { width = sizes[index] }
            return HiddenLayer(
                name, index: index, inputs: width, outputs: sizes[index], activation: activation, dropout: dropout,
                per: unit, &plan)
        }
    }

    private init(
        _ name: String, index: Int, inputs: Int, outputs: Int, activation: Architecture.Activation, dropout: Double,
        per unit: ScratchSlot.Unit, _ plan: inout NetworkPlan
    ) {
        self.inputs = inputs
        self.outputs = outputs
        self.unit = unit
        let start = ParameterLayout.Tensor.Start.uniform(bound: 1 / Double(inputs).squareRoot())
        let (weightName, shape) = ("\(name).\(2 * index).weight", [outputs, inputs])
        switch unit {
        case .row: (weight, product) = plan.parameters.addProductWeight(weightName, shape: shape, start: start)
        case .position, .pass:
            (weight, product) = (plan.parameters.addDense(weightName, shape: shape, start: start), nil)
        }
        bias = plan.parameters.addDense("\(name).\(2 * index).bias", shape: [outputs], start: start)
        self.activation = ActivationLayer(
            activation, name: "\(name).\(2 * index + 1)", width: outputs, per: unit, &plan)
        gradients = plan.scratch.add(width: outputs, per: unit)
        self.dropout = Dropout(dropout, layer: index, width: outputs)
    }

    /// Rows or positions of a batch.
    private func count(_ batch: Batch) -> Int { unit == .position ? batch.positions : batch.count }

    /// Fills the activations from `x` [count, inputs].
    func forward(_ batch: Batch, _ parameters: Parameters, _ x: ScratchSlot) {
        let count = count(batch)
        guard count > 0 else { return }
        parameters.withDense { dense in
            LinearKernels.forward(
                x: batch[x], weight: dense + weight.lowerBound, y: batch[activation.sums], rows: count, inputs: inputs,
                outputs: outputs, startingFrom: .bias(dense + bias.lowerBound), rectified: activation.isRectifier)
        }
        finishForward(batch, parameters)
    }

    /// Fills the activations from the sums, which stand in `activation.sums` with their bias, and rectified if that is
    /// the activation. At least one row or position.
    func finishForward(_ batch: Batch, _ parameters: Parameters) {
        activation.forward(batch, parameters, rows: count(batch))
        dropout?.apply(batch, batch[activations])
    }

    /// `dx` [count, inputs] = the gradient by `x`, from `gradients`; adds to the weights' gradients.
    func backward(
        _ batch: Batch, _ parameters: Parameters, _ gradient: inout Gradient, _ x: ScratchSlot, dx: ScratchSlot
    ) {
        let count = count(batch)
        guard count > 0 else { return }
        beginBackward(batch, parameters, &gradient)
        let dy = batch[gradients]
        func addWeightGradient(_ slopes: UnsafeMutablePointer<Float>, _ start: LinearKernels.Start) {
            LinearKernels.addWeightGradient(
                dy: dy, x: batch[x], dw: slopes, rows: count, inputs: inputs, outputs: outputs, startingFrom: start)
        }
        if let product {
            gradient.withProduct(product, of: weight, addWeightGradient)
        } else {
            gradient.withDense { addWeightGradient($0 + weight.lowerBound, .result) }
        }
        parameters.withDense { dense in
            LinearKernels.inputGradient(
                dy: dy, weight: dense + weight.lowerBound, dx: batch[dx], rows: count, inputs: inputs, outputs: outputs)
        }
    }

    /// Takes `gradients` back through dropout and activation; adds to the bias's gradient and the activation's. At
    /// least one row or position.
    func beginBackward(_ batch: Batch, _ parameters: Parameters, _ gradient: inout Gradient) {
        dropout?.apply(batch, batch[gradients])
        activation.backward(
            batch, parameters, &gradient, gradients: gradients, bias: bias, rows: count(batch))
    }

    /// Multiplications and additions a row or position of a stack, biases and activations (one each) among them.
    static func flops(inputs: Int, sizes: [Int]) -> Int {
        zip([inputs] + sizes, sizes).reduce(0) { $0 + $1.1 * (2 * $1.0 + 2) }
    }
}
