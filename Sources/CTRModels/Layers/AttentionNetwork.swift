import CKernels

/// DIN's activation unit (Zhou et al. 2018, section 4.3): how much each position of a row's history counts for the
/// row's query, and the history pooled by it,
///
///     a_t = net([q; k_t; q − k_t; q ⊙ k_t]),   v = Σ_t a_t k_t
///
/// The weights a_t are not normalised, as in the paper. In PyTorch `Sequential(Linear, f, …, Linear(last, 1))` named
/// `attention`. `attentionSizes` may be empty: the net is then its last layer alone.
struct AttentionNetwork: Sendable {
    private let history: HistoryEmbeddings
    private let layers: [HiddenLayer]
    /// The last layer's weight [1, w] and bias [1] in the dense vector.
    private let outputWeight: Range<Int>
    private let outputBias: Range<Int>
    /// a_t and the loss's gradient by them, [positions, 1].
    private let scores: ScratchSlot
    private let scoreGradients: ScratchSlot
    private let first: FoldedAttentionLayer
    private var width: Int { history.width }

    init(_ architecture: Architecture, _ history: HistoryEmbeddings, _ plan: inout NetworkPlan) {
        self.history = history
        layers = HiddenLayer.stack(
            "attention", inputs: 4 * history.width, sizes: architecture.attentionSizes,
            activation: architecture.activation,
            per: .position, &plan)
        let last = layers.last?.outputs ?? 4 * history.width
        let start = ParameterLayout.Tensor.Start.uniform(bound: 1 / Double(last).squareRoot())
        outputWeight = plan.parameters.addDense(
            "attention.\(2 * layers.count).weight", shape: [1, last], start: start)
        outputBias = plan.parameters.addDense("attention.\(2 * layers.count).bias", shape: [1], start: start)
        scores = plan.scratch.add(width: 1, per: .position)
        scoreGradients = plan.scratch.add(width: 1, per: .position)
        // Without hidden layers the last one is the first.
        first = FoldedAttentionLayer(
            history, weight: layers.first?.weight ?? outputWeight, bias: layers.first?.bias ?? outputBias,
            outputs: layers.first?.outputs ?? 1, &plan)
    }

    /// Fills v, K numbers a row at `pooled`, rows `stride` floats apart.
    func forward(_ batch: Batch, _ parameters: Parameters, pooled: UnsafeMutablePointer<Float>, stride: Int) {
        for row in 0..<batch.count { (pooled + row * stride).update(repeating: 0, count: width) }
        guard batch.positions > 0 else { return }
        let scores = batch[scores]
        first.forward(
            batch, parameters, sums: layers.first.map { batch[$0.activation.sums] } ?? scores,
            isRectified: layers.first?.activation.isRectifier ?? false)
        layers.first?.finishForward(batch, parameters)
        for (layer, next) in zip(layers, layers.dropFirst()) { next.forward(batch, parameters, layer.activations) }
        if let last = layers.last {
            scores.update(repeating: parameters.dense[outputBias.lowerBound], count: batch.positions)
            parameters.withDense { dense in
                Kernels.best.pointee.dot_rows(
                    batch[last.activations], last.outputs, dense + outputWeight.lowerBound, batch.positions,
                    last.outputs, scores)
            }
        }
        let keys = batch[history.keys]
        for row in 0..<batch.count {
            for position in batch.positions(of: row) {
                VectorKernels.add(
                    keys + position * width, scaledBy: scores[position], to: pooled + row * stride, count: width)
            }
        }
    }

    /// Fills the gradients of keys and queries, from that of v, and adds to the weights'.
    func backward(
        _ batch: Batch, _ parameters: Parameters, _ gradient: inout Gradient, pooledGradient: UnsafePointer<Float>,
        stride: Int
    ) {
        batch[history.queryGradients].update(repeating: 0, count: batch.count * width)
        guard batch.positions > 0 else { return }
        let (keys, keyGradients) = (batch[history.keys], batch[history.keyGradients])
        let (scores, scoreGradients) = (batch[scores], batch[scoreGradients])
        var biasGradient: Float = 0
        for row in 0..<batch.count {
            for position in batch.positions(of: row) {
                let slope = pooledGradient + row * stride
                let (key, keyGradient) = (keys + position * width, keyGradients + position * width)
                scoreGradients[position] = VectorKernels.dot(slope, key, count: width)
                biasGradient += scoreGradients[position]
                VectorKernels.set(keyGradient, to: slope, scaledBy: scores[position], count: width)
            }
        }
        gradient.dense[outputBias.lowerBound] += biasGradient
        if let last = layers.last {
            let (x, dx) = (batch[last.activations], batch[last.gradients])
            parameters.withDense { dense in
                gradient.withDense { slopes in
                    LinearKernels.inputGradient(
                        dy: scoreGradients, weight: dense + outputWeight.lowerBound, dx: dx, rows: batch.positions,
                        inputs: last.outputs, outputs: 1)
                    LinearKernels.addWeightGradient(
                        dy: scoreGradients, x: x, dw: slopes + outputWeight.lowerBound, rows: batch.positions,
                        inputs: last.outputs, outputs: 1)
                }
            }
        }
        for index in layers.indices.dropFirst().reversed() {
            layers[index].backward(
                batch, parameters, &gradient, layers[index - 1].activations, dx: layers[index - 1].gradients)
        }
        layers.first?.beginBackward(batch, parameters, &gradient)
        first.backward(
            batch, parameters, &gradient, sumGradients: layers.first.map { batch[$0.gradients] } ?? scoreGradients)
    }

    /// Multiplications and additions a position as the paper counts them, pooling included.
    static func flopsPerPosition(width: Int, _ architecture: Architecture) -> Int {
        HiddenLayer.flops(inputs: 4 * width, sizes: architecture.attentionSizes)
            + 2 * (architecture.attentionSizes.last ?? 4 * width) + 1 + 2 * width
    }
}
