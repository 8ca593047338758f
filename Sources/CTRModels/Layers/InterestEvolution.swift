import CKernels

/// DIEN's reading of a history (Zhou et al. 2019, sections 4.2 and 4.3): a GRU over the keys, softmax attention of its
/// states for the row's query, and a GRU with that attention over the states, whose last state is the row's interest:
///
///     h_t = GRU(k_t),   a_t = exp(h_t · W q) / Σ_s exp(h_s · W q),   h'_t = AUGRU(h_t, a_t)
///
/// The interest of a row without history is zeros. The paper's auxiliary loss, which needs sampled negatives of each
/// step, is not part of it. Tensors: `gru.…_l0` as torch.nn.GRU's, `attention.weight` [K, K] (W), `augru.…`.
struct InterestEvolution: Sendable {
    private let history: HistoryEmbeddings
    private let extractor: RecurrentLayer
    private let evolution: RecurrentLayer
    private let weight: Range<Int>
    /// W q and its gradient, [rows, K].
    private let focus: ScratchSlot
    private let focusGradients: ScratchSlot
    /// a_t and its gradient, [positions].
    private let attention: ScratchSlot
    private let attentionGradients: ScratchSlot
    private var width: Int { history.width }

    init(_ history: HistoryEmbeddings, _ plan: inout NetworkPlan) {
        self.history = history
        let width = history.width
        extractor = RecurrentLayer("gru", suffix: "_l0", width: width, isAttended: false, &plan)
        weight = plan.parameters.addDense(
            "attention.weight", shape: [width, width], start: .uniform(bound: 1 / Double(width).squareRoot()))
        evolution = RecurrentLayer("augru", suffix: "", width: width, isAttended: true, &plan)
        focus = plan.scratch.add(width: width)
        focusGradients = plan.scratch.add(width: width)
        attention = plan.scratch.add(width: 1, per: .position)
        attentionGradients = plan.scratch.add(width: 1, per: .position)
    }

    /// Fills the interest, K numbers a row at `interest`, rows `stride` floats apart.
    func forward(_ batch: Batch, _ parameters: Parameters, interest: UnsafeMutablePointer<Float>, stride: Int) {
        for row in 0..<batch.count { (interest + row * stride).update(repeating: 0, count: width) }
        guard batch.positions > 0 else { return }
        let order = HistoryOrder(batch)
        extractor.forward(batch, parameters, history.keys, attention: nil, order: order)
        let (focus, states, attention) = (batch[focus], batch[extractor.outputs], batch[attention])
        parameters.withDense { dense in
            LinearKernels.forward(
                x: batch[history.queries], weight: dense + weight.lowerBound, y: focus, rows: batch.count,
                inputs: width, outputs: width)
        }
        for row in 0..<batch.count {
            let positions = batch.positions(of: row)
            if positions.isEmpty { continue }
            (attention + positions.lowerBound).update(repeating: 0, count: positions.count)
            Kernels.best.pointee.dot_rows(
                states + positions.lowerBound * width, width, focus + row * width, positions.count, width,
                attention + positions.lowerBound)
            Kernels.best.pointee.softmax(attention + positions.lowerBound, positions.count)
        }
        evolution.forward(batch, parameters, extractor.outputs, attention: self.attention, order: order)
        for row in 0..<batch.count {
            guard let last = batch.positions(of: row).last else { continue }
            (interest + row * stride).update(from: batch[evolution.outputs] + last * width, count: width)
        }
    }

    /// Fills the gradients of keys and queries, from that of the interest, and adds to the weights'.
    func backward(
        _ batch: Batch, _ parameters: Parameters, _ gradient: inout Gradient, interestGradient: UnsafePointer<Float>,
        stride: Int
    ) {
        batch[history.queryGradients].update(repeating: 0, count: batch.count * width)
        guard batch.positions > 0 else { return }
        let order = HistoryOrder(batch)
        let outside = batch[evolution.outputGradients]
        outside.update(repeating: 0, count: batch.positions * width)
        for row in 0..<batch.count {
            guard let last = batch.positions(of: row).last else { continue }
            (outside + last * width).update(from: interestGradient + row * stride, count: width)
        }
        evolution.backward(
            batch, parameters, &gradient, extractor.outputs, dx: extractor.outputGradients, attention: attention,
            attentionGradients: attentionGradients, order: order)
        attentionBackward(batch)
        parameters.withDense { dense in
            gradient.withDense { slopes in
                LinearKernels.addWeightGradient(
                    dy: batch[focusGradients], x: batch[history.queries], dw: slopes + weight.lowerBound,
                    rows: batch.count, inputs: width, outputs: width)
                LinearKernels.inputGradient(
                    dy: batch[focusGradients], weight: dense + weight.lowerBound, dx: batch[history.queryGradients],
                    rows: batch.count, inputs: width, outputs: width, startingFrom: .result)
            }
        }
        extractor.backward(
            batch, parameters, &gradient, history.keys, dx: history.keyGradients, attention: nil,
            attentionGradients: nil, order: order)
    }

    /// From the gradient by the a_t to that by W q, and adds to that by the first layer's states.
    private func attentionBackward(_ batch: Batch) {
        let (focus, focusGradients) = (batch[focus], batch[focusGradients])
        let (states, stateGradients) = (batch[extractor.outputs], batch[extractor.outputGradients])
        let (attention, slopes) = (batch[attention], batch[attentionGradients])
        focusGradients.update(repeating: 0, count: batch.count * width)
        for row in 0..<batch.count {
            let positions = batch.positions(of: row)
            Kernels.best.pointee.softmax_gradient(
                attention + positions.lowerBound, slopes + positions.lowerBound, positions.count)
            for position in positions {
                let slope = slopes[position]
                VectorKernels.add(
                    states + position * width, scaledBy: slope, to: focusGradients + row * width, count: width)
                VectorKernels.add(
                    focus + row * width, scaledBy: slope, to: stateGradients + position * width, count: width)
            }
        }
    }

    /// Multiplications and additions a position.
    static func flopsPerPosition(width: Int) -> Int {
        2 * RecurrentLayer.flopsPerPosition(width: width) + 2 * width + 3
    }
}
