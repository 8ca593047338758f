import CKernels

/// A gated recurrent unit over the positions of each row's history, K inputs to K outputs, states from zero:
///
///     r_t = σ(W_r x_t + b_r + U_r h_{t−1} + c_r)          g_t as below
///     n_t = tanh(W_n x_t + b_n + r_t ⊙ (U_n h_{t−1} + c_n))
///     h_t = (1 − g_t) ⊙ h_{t−1} + g_t ⊙ n_t
///
/// As a GRU (Cho et al. 2014, in the form of torch.nn.GRU) g_t = 1 − σ(W_z x_t + b_z + U_z h_{t−1} + c_z); with
/// attention (AUGRU: Zhou et al. 2019, "Deep Interest Evolution Network", section 4.3) g_t = a_t · σ(W_u x_t + b_u +
/// U_u h_{t−1} + c_u).
///
/// Tensors: W [3K, K], U [3K, K], b [3K], c [3K], stacked r, z or u, n: `<name>.weight_ih<suffix>`, `weight_hh`,
/// `bias_ih`, `bias_hh`. Rows are stepped together, longest first, so that each step is one product over the rows that
/// still have a position: cost by real lengths.
struct RecurrentLayer: Sendable {
    private let width: Int
    private let inputWeight: Range<Int>
    private let stateWeight: Range<Int>
    private let inputBias: Range<Int>
    private let stateBias: Range<Int>
    private let isAttended: Bool
    /// h_t and the loss's gradient by them from outside, [positions, K].
    let outputs: ScratchSlot
    let outputGradients: ScratchSlot
    /// The gates r, σ of z or u, n after their functions, and U_n h + c_n: [positions, 4K].
    private let gates: ScratchSlot
    /// W x + b, and later the gradients by it, [positions, 3K].
    private let inputSums: ScratchSlot
    /// The gradients by U h + c, [positions, 3K], and h_{t−1}, [positions, K].
    private let stateSumGradients: ScratchSlot
    private let previous: ScratchSlot
    /// For the rows of one step: states, and U h, or the gradients by h: [rows, K] and [rows, 3K].
    private let states: ScratchSlot
    private let stateSums: ScratchSlot

    init(_ name: String, suffix: String, width: Int, isAttended: Bool, _ plan: inout NetworkPlan) {
        self.width = width
        self.isAttended = isAttended
        let start = ParameterLayout.Tensor.Start.uniform(bound: 1 / Double(width).squareRoot())
        inputWeight = plan.parameters.addDense(
            "\(name).weight_ih\(suffix)", shape: [3 * width, width], start: start)
        stateWeight = plan.parameters.addDense(
            "\(name).weight_hh\(suffix)", shape: [3 * width, width], start: start)
        inputBias = plan.parameters.addDense("\(name).bias_ih\(suffix)", shape: [3 * width], start: start)
        stateBias = plan.parameters.addDense("\(name).bias_hh\(suffix)", shape: [3 * width], start: start)
        outputs = plan.scratch.add(width: width, per: .position)
        outputGradients = plan.scratch.add(width: width, per: .position)
        gates = plan.scratch.add(width: 4 * width, per: .position)
        inputSums = plan.scratch.add(width: 3 * width, per: .position)
        stateSumGradients = plan.scratch.add(width: 3 * width, per: .position)
        previous = plan.scratch.add(width: width, per: .position)
        states = plan.scratch.add(width: width)
        stateSums = plan.scratch.add(width: 3 * width)
    }

    /// Fills `outputs` from `x` [positions, K]; `attention` [positions] holds the a_t of a layer with attention.
    func forward(
        _ batch: Batch, _ parameters: Parameters, _ x: ScratchSlot, attention: ScratchSlot?, order: HistoryOrder
    ) {
        guard batch.positions > 0 else { return }
        let (inputSums, stateSums, states) = (batch[inputSums], batch[stateSums], batch[states])
        let attention = attention.map { batch[$0] }
        parameters.withDense { dense in
            LinearKernels.forward(
                x: batch[x], weight: dense + inputWeight.lowerBound, y: inputSums, rows: batch.positions, inputs: width,
                outputs: 3 * width, startingFrom: .bias(dense + inputBias.lowerBound))
            states.update(repeating: 0, count: batch.count * width)
            for step in 0..<order.steps {
                let rows = order.rows(at: step)
                LinearKernels.forward(
                    x: states, weight: dense + stateWeight.lowerBound, y: stateSums, rows: rows.count, inputs: width,
                    outputs: 3 * width, startingFrom: .bias(dense + stateBias.lowerBound))
                for (place, row) in rows.enumerated() {
                    let position = Int(batch.starts[Int(row)]) + step
                    stepForward(
                        batch, position: position, state: states + place * width,
                        stateSums: stateSums + place * 3 * width, attention: attention.map { $0[position] })
                }
            }
        }
    }

    private func stepForward(
        _ batch: Batch, position: Int, state: UnsafeMutablePointer<Float>, stateSums: UnsafePointer<Float>,
        attention: Float?
    ) {
        let sums = batch[inputSums] + position * 3 * width
        let gates = batch[gates] + position * 4 * width
        for index in 0..<2 * width { gates[index] = sums[index] + stateSums[index] }
        Kernels.best.pointee.sigmoid(gates, gates, 2 * width)
        let (candidates, inner) = (gates + 2 * width, gates + 3 * width)
        for unit in 0..<width {
            inner[unit] = stateSums[2 * width + unit]
            candidates[unit] = sums[2 * width + unit] + gates[unit] * inner[unit]
        }
        Kernels.best.pointee.hyperbolic_tangent(candidates, candidates, width)
        let (previous, output) = (batch[previous] + position * width, batch[outputs] + position * width)
        for unit in 0..<width {
            let blend = attention.map { $0 * gates[width + unit] } ?? 1 - gates[width + unit]
            previous[unit] = state[unit]
            state[unit] += blend * (candidates[unit] - state[unit])
            output[unit] = state[unit]
        }
    }

    /// Fills `dx` [positions, K] and, with attention, `attentionGradients` [positions], from `outputGradients`; adds to
    /// the weights' gradients.
    func backward(
        _ batch: Batch, _ parameters: Parameters, _ gradient: inout Gradient, _ x: ScratchSlot, dx: ScratchSlot,
        attention: ScratchSlot?, attentionGradients: ScratchSlot?, order: HistoryOrder
    ) {
        guard batch.positions > 0 else { return }
        let (inputSums, stateSums, states) = (batch[inputSums], batch[stateSums], batch[states])
        let stateSumGradients = batch[stateSumGradients]
        parameters.withDense { dense in
            // From here on the gradients by h_{t−1} that come from step t.
            states.update(repeating: 0, count: batch.count * width)
            for step in (0..<order.steps).reversed() {
                let rows = order.rows(at: step)
                for (place, row) in rows.enumerated() {
                    let position = Int(batch.starts[Int(row)]) + step
                    let slope = stepBackward(
                        batch, position: position, state: states + place * width,
                        attention: attention.map { batch[$0][position] })
                    if let attentionGradients { batch[attentionGradients][position] = slope }
                    (stateSums + place * 3 * width).update(
                        from: stateSumGradients + position * 3 * width, count: 3 * width)
                }
                LinearKernels.inputGradient(
                    dy: stateSums, weight: dense + stateWeight.lowerBound, dx: states, rows: rows.count, inputs: width,
                    outputs: 3 * width, startingFrom: .result)
            }
            gradient.withDense { slopes in
                Kernels.best.pointee.add_rows(
                    inputSums, 3 * width, slopes + inputBias.lowerBound, batch.positions, 3 * width)
                Kernels.best.pointee.add_rows(
                    stateSumGradients, 3 * width, slopes + stateBias.lowerBound, batch.positions, 3 * width)
                LinearKernels.addWeightGradient(
                    dy: inputSums, x: batch[x], dw: slopes + inputWeight.lowerBound, rows: batch.positions,
                    inputs: width, outputs: 3 * width)
                LinearKernels.addWeightGradient(
                    dy: stateSumGradients, x: batch[previous], dw: slopes + stateWeight.lowerBound,
                    rows: batch.positions, inputs: width, outputs: 3 * width)
            }
            LinearKernels.inputGradient(
                dy: inputSums, weight: dense + inputWeight.lowerBound, dx: batch[dx], rows: batch.positions,
                inputs: width, outputs: 3 * width)
        }
    }

    /// One row's step back: `state` holds the gradient by h_t that comes from later steps, and then the part of that by
    /// h_{t−1} that does not go through U. Fills the gradients by both sums; gives that by a_t.
    private func stepBackward(
        _ batch: Batch, position: Int, state: UnsafeMutablePointer<Float>, attention: Float?
    ) -> Float {
        let gates = batch[gates] + position * 4 * width
        let (candidates, inner) = (gates + 2 * width, gates + 3 * width)
        let previous = batch[previous] + position * width
        let outside = batch[outputGradients] + position * width
        let sums = batch[inputSums] + position * 3 * width
        let stateSums = batch[stateSumGradients] + position * 3 * width
        var attentionSlope: Float = 0
        for unit in 0..<width {
            let (reset, update, candidate) = (gates[unit], gates[width + unit], candidates[unit])
            let slope = state[unit] + outside[unit]
            let blend = attention.map { $0 * update } ?? 1 - update
            let blendSlope = slope * (candidate - previous[unit])
            attentionSlope += blendSlope * update
            let candidateSum = slope * blend * (1 - candidate * candidate)
            let resetSum = candidateSum * inner[unit] * reset * (1 - reset)
            let updateSum = blendSlope * (attention ?? -1) * update * (1 - update)
            state[unit] = slope * (1 - blend)
            sums[unit] = resetSum
            sums[width + unit] = updateSum
            sums[2 * width + unit] = candidateSum
            stateSums[unit] = resetSum
            stateSums[width + unit] = updateSum
            stateSums[2 * width + unit] = candidateSum * reset
        }
        return attentionSlope
    }

    /// Multiplications and additions a position.
    static func flopsPerPosition(width: Int) -> Int { 12 * width * width + 15 * width }
}
