import CKernels

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
        /// Added to variances. The paper's own code has 1e-8.
        static let epsilon: Float = 1e-8

        /// In the dense vector; starts at 0.
        let alphas: Range<Int>
        let running: ParameterLayout.RunningStatistics
        /// What the pass normalises by: mean, variance and 1 / √(variance + ε), [width] each.
        let mean: ScratchSlot
        let variance: ScratchSlot
        let scale: ScratchSlot
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
                    mean: plan.scratch.add(width: width, per: .pass),
                    variance: plan.scratch.add(width: width, per: .pass),
                    scale: plan.scratch.add(width: width, per: .pass)))
        }
    }

    /// Whether the linear layer itself is to make negative sums 0, which is then all of it.
    var isRectifier: Bool { if case .relu = form { true } else { false } }

    /// Fills `outputs` from `sums`, of at least one row or position.
    func forward(_ batch: Batch, _ parameters: Parameters, rows: Int) {
        let (sums, outputs) = (batch[sums], batch[outputs])
        parameters.withDense { dense in
            switch form {
            case .relu: break
            case .prelu(let slopes):
                Kernels.best.pointee.prelu(sums, dense + slopes.lowerBound, outputs, rows, width)
            case .dice(let dice):
                normalize(batch, parameters, dice, rows: rows)
                Kernels.best.pointee.dice(
                    sums, batch[dice.mean], batch[dice.scale], dense + dice.alphas.lowerBound, outputs, rows, width)
            }
        }
    }

    /// Finds what Dice normalises by: the rows' own statistics in training, else the running ones.
    private func normalize(_ batch: Batch, _ parameters: Parameters, _ dice: Dice, rows: Int) {
        let (mean, variance, scale) = (batch[dice.mean], batch[dice.variance], batch[dice.scale])
        if batch.mode == .frozen {
            for unit in 0..<width {
                mean[unit] = parameters.buffers[dice.running.mean.lowerBound + unit]
                variance[unit] = parameters.buffers[dice.running.variance.lowerBound + unit]
            }
        } else {
            Kernels.best.pointee.moments(batch[sums], rows, width, mean, variance)
        }
        for unit in 0..<width { scale[unit] = 1 / (variance[unit] + Dice.epsilon).squareRoot() }
    }

    /// `gradients` [rows, width], by the outputs, become those by the sums; adds to the gradients of the bias, at
    /// `bias` in the dense vector, and of the function's own numbers. At least one row or position.
    func backward(
        _ batch: Batch, _ parameters: Parameters, _ gradient: inout Gradient, gradients: ScratchSlot, bias: Range<Int>,
        rows: Int
    ) {
        let dy = batch[gradients]
        if case .dice(let dice) = form, batch.mode != .frozen {
            gradient.add(dice.running, rows: rows, mean: batch[dice.mean], variance: batch[dice.variance])
        }
        parameters.withDense { dense in
            gradient.withDense { slopes in
                let biasGradient = slopes + bias.lowerBound
                switch form {
                case .relu:
                    Kernels.best.pointee.rectify_gradient(
                        batch[outputs], width, dy, width, biasGradient, rows, width)
                case .prelu(let alphas):
                    Kernels.best.pointee.prelu_gradient(
                        batch[sums], dense + alphas.lowerBound, dy, slopes + alphas.lowerBound, biasGradient, rows,
                        width)
                case .dice(let dice):
                    Kernels.best.pointee.dice_gradient(
                        batch[sums], batch[dice.mean], batch[dice.scale], dense + dice.alphas.lowerBound, dy,
                        slopes + dice.alphas.lowerBound, biasGradient, batch.mode != .frozen, rows, width)
                }
            }
        }
    }
}
