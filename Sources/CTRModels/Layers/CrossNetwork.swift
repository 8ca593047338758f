import CKernels

/// The cross network of DCN v2 (Wang et al. 2021, "DCN V2: Improved Deep & Cross Network", arXiv 2008.13535, equation
/// 1), with a full matrix a layer, and one output that is added to the logit:
///
///     x_{l+1} = x_0 ⊙ (W_l x_l + b_l) + x_l,   logit += <w, x_L>
///
/// Tensors `cross.<l>.weight` [D, D], `cross.<l>.bias` [D] as torch.nn.Linear's, and `cross.output.weight` [1, D].
struct CrossNetwork: Sendable {
    private struct Layer: Sendable {
        let weight: Range<Int>
        let bias: Range<Int>
        /// W_l x_l + b_l and x_{l+1}, [rows, D].
        let sums: ScratchSlot
        let outputs: ScratchSlot
    }

    private let width: Int
    private let layers: [Layer]
    private let output: OutputLayer
    /// The gradients by x_{l+1}, by the sums, and by x_0 as a factor: [rows, D].
    private let gradients: ScratchSlot
    private let sumGradients: ScratchSlot
    private let factorGradients: ScratchSlot

    init(width: Int, layers count: Int, _ plan: inout NetworkPlan) {
        self.width = width
        let start = ParameterLayout.Tensor.Start.uniform(bound: 1 / Double(width).squareRoot())
        layers = (0..<count).map { index in
            Layer(
                weight: plan.parameters.addDense("cross.\(index).weight", shape: [width, width], start: start),
                bias: plan.parameters.addDense("cross.\(index).bias", shape: [width], start: start),
                sums: plan.scratch.add(width: width), outputs: plan.scratch.add(width: width))
        }
        output = OutputLayer("cross.output", inputs: width, &plan)
        gradients = plan.scratch.add(width: width)
        sumGradients = plan.scratch.add(width: width)
        factorGradients = plan.scratch.add(width: width)
    }

    /// logits [rows] += the output for `input` [rows, D].
    func forward(_ batch: Batch, _ parameters: Parameters, input: ScratchSlot) {
        let count = batch.count * width
        let factors = batch[input]
        var x = factors
        for layer in layers {
            let (sums, outputs) = (batch[layer.sums], batch[layer.outputs])
            parameters.withDense { dense in
                LinearKernels.forward(
                    x: x, weight: dense + layer.weight.lowerBound, y: sums, rows: batch.count, inputs: width,
                    outputs: width, startingFrom: .bias(dense + layer.bias.lowerBound))
            }
            for index in stride(from: 0, to: count, by: 8) {
                let lanes = min(8, count - index)
                let value = factors.load(index, lanes) * sums.load(index, lanes) + x.load(index, lanes)
                outputs.store(value, at: index, lanes)
            }
            x = outputs
        }
        output.forward(batch, parameters, input: layers.last?.outputs ?? input)
    }

    /// `inputGradient` [rows, D] += the gradient by `input`; adds to the weights' gradients.
    func backward(
        _ batch: Batch, _ parameters: Parameters, _ gradient: inout Gradient, input: ScratchSlot,
        inputGradient: ScratchSlot
    ) {
        let count = batch.count * width
        let (slopes, sumSlopes, factorSlopes) = (batch[gradients], batch[sumGradients], batch[factorGradients])
        let factors = batch[input]
        output.backward(
            batch, parameters, &gradient, input: layers.last?.outputs ?? input, inputGradient: gradients)
        factorSlopes.update(repeating: 0, count: count)
        for (number, layer) in layers.enumerated().reversed() {
            let sums = batch[layer.sums]
            let x = number == 0 ? factors : batch[layers[number - 1].outputs]
            for index in stride(from: 0, to: count, by: 8) {
                let lanes = min(8, count - index)
                let slope = slopes.load(index, lanes)
                sumSlopes.store(slope * factors.load(index, lanes), at: index, lanes)
                factorSlopes.store(
                    factorSlopes.load(index, lanes) + slope * sums.load(index, lanes), at: index, lanes)
            }
            parameters.withDense { dense in
                gradient.withDense { dw in
                    Kernels.best.pointee.add_rows(
                        sumSlopes, width, dw + layer.bias.lowerBound, batch.count, width)
                    LinearKernels.addWeightGradient(
                        dy: sumSlopes, x: x, dw: dw + layer.weight.lowerBound, rows: batch.count, inputs: width,
                        outputs: width)
                    LinearKernels.inputGradient(
                        dy: sumSlopes, weight: dense + layer.weight.lowerBound, dx: slopes, rows: batch.count,
                        inputs: width, outputs: width, startingFrom: .result)
                }
            }
        }
        let target = batch[inputGradient]
        VectorKernels.add(slopes, scaledBy: 1, to: target, count: count)
        VectorKernels.add(factorSlopes, scaledBy: 1, to: target, count: count)
    }

    /// Multiplications and additions a sample.
    static func flopsPerSample(width: Int, layers: Int) -> Int {
        layers * width * (2 * width + 3) + 2 * width
    }
}
