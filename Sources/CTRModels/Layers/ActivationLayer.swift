/// The function after a hidden linear layer, forward and backward; see `Architecture.Activation`.
///
/// In PyTorch `ReLU`, `PReLU(width)` (tensor `<name>.weight`), or Dice: `<name>.alpha` and, not learned but followed,
/// `<name>.running_mean` and `<name>.running_var`.
struct ActivationLayer: Sendable {
    private enum Form: Sendable {
        case relu
        /// Starts at 0.25, as torch's.
        case prelu(slopes: Range<Int>)
        case dice(Dice)
    }

    private struct Dice: Sendable {
        /// In the dense vector; starts at 0.
        let alphas: Range<Int>
        let running: ParameterLayout.RunningStatistics
        /// The p of each output.
        let gates: ScratchSlot
        /// What the pass normalises by, and room for the backward pass: [width] each, sums twice that.
        let mean: ScratchSlot
        let inverse: ScratchSlot
        let sums: ScratchSlot
    }

    private let form: Form
    private let width: Int
    /// Where the linear layer writes, and where the outputs are: one place for ReLU. [rows or positions, width].
    let sums: ScratchSlot
    let outputs: ScratchSlot

    init(
        _ activation: Architecture.Activation, name: String, width: Int, per unit: ScratchSlot.Unit,
        _ plan: inout NetworkPlan
    ) {
        self.width = width
        outputs = plan.scratch.add(width: width, per: unit)
        switch activation {
        case .relu:
            sums = outputs
            form = .relu
        case .prelu:
            sums = plan.scratch.add(width: width, per: unit)
            form = .prelu(slopes: plan.parameters.addDense("\(name).weight", shape: [width], start: .constant(0.25)))
        case .dice:
            sums = plan.scratch.add(width: width, per: unit)
            form = .dice(
                Dice(
                    alphas: plan.parameters.addDense("\(name).alpha", shape: [width], start: .zero),
                    running: plan.parameters.addRunningStatistics(name, width: width),
                    gates: plan.scratch.add(width: width, per: unit), mean: plan.scratch.add(width: width, per: .pass),
                    inverse: plan.scratch.add(width: width, per: .pass),
                    sums: plan.scratch.add(width: 2 * width, per: .pass)))
        }
    }

    /// Fills `outputs` from `sums` + bias; bias [width]. With no rows does nothing.
    func forward(_ batch: Batch, _ parameters: Parameters, bias: UnsafePointer<Float>, rows: Int) {
        guard rows > 0 else { return }
        let (sums, outputs) = (batch[sums], batch[outputs])
        switch form {
        case .relu: ActivationKernels.addBiasAndRectify(outputs, bias: bias, rows: rows, width: width)
        case .prelu(let slopes):
            LinearKernels.addBias(sums, bias: bias, rows: rows, width: width)
            parameters.withDense { dense in
                PReLUKernels.forward(sums, slopes: dense + slopes.lowerBound, y: outputs, rows: rows, width: width)
            }
        case .dice(let dice):
            LinearKernels.addBias(sums, bias: bias, rows: rows, width: width)
            let (mean, inverse) = (batch[dice.mean], batch[dice.inverse])
            if batch.mode == .frozen {
                for unit in 0..<width {
                    mean[unit] = parameters.buffers[dice.running.mean.lowerBound + unit]
                    inverse[unit] = parameters.buffers[dice.running.variance.lowerBound + unit]
                }
            } else {
                // The variance itself is kept for the running ones.
                DiceKernels.statistics(sums, mean: mean, variance: inverse, rows: rows, width: width)
                let variance = batch[dice.sums]
                variance.update(from: inverse, count: width)
            }
            for unit in 0..<width { inverse[unit] = 1 / (inverse[unit] + DiceKernels.epsilon).squareRoot() }
            parameters.withDense { dense in
                DiceKernels.forward(
                    sums, mean: mean, inverse: inverse, alphas: dense + dice.alphas.lowerBound, y: outputs,
                    gates: batch[dice.gates], rows: rows, width: width)
            }
        }
    }

    /// `gradients` [rows, width], by the outputs, become those by what the function was given; adds to the gradients of the
    /// bias, at `bias` in the dense vector, and of the function's own numbers.
    func backward(
        _ batch: Batch, _ parameters: Parameters, _ gradient: inout Gradient, gradients: ScratchSlot, bias: Range<Int>,
        rows: Int
    ) {
        guard rows > 0 else { return }
        let dy = batch[gradients]
        if case .dice(let dice) = form, batch.mode != .frozen {
            gradient.add(dice.running, rows: rows, mean: batch[dice.mean], variance: batch[dice.sums])
        }
        parameters.withDense { dense in
            gradient.withDense { slopes in
                let biasGradient = slopes + bias.lowerBound
                switch form {
                case .relu:
                    ActivationKernels.maskAndAddBiasGradient(
                        dy, activations: batch[outputs], biasGradient: biasGradient, rows: rows, width: width)
                case .prelu(let alphas):
                    PReLUKernels.backward(
                        dy, s: batch[sums], slopes: dense + alphas.lowerBound,
                        slopeGradients: slopes + alphas.lowerBound,
                        rows: rows, width: width)
                    LinearKernels.addColumnSums(dy, to: biasGradient, rows: rows, width: width)
                case .dice(let dice):
                    DiceKernels.backward(
                        dy, s: batch[sums], gates: batch[dice.gates], mean: batch[dice.mean],
                        inverse: batch[dice.inverse], alphas: dense + dice.alphas.lowerBound,
                        alphaGradients: slopes + dice.alphas.lowerBound,
                        sums: batch.mode == .frozen ? nil : batch[dice.sums], rows: rows, width: width)
                    LinearKernels.addColumnSums(dy, to: biasGradient, rows: rows, width: width)
                }
            }
        }
    }
}
