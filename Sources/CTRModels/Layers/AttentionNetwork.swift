import CKernels

/// DIN's activation unit (Zhou et al. 2018, section 4.3): how much each position of a row's history counts for the row's
/// query, and the history pooled by it,
///
///     a_t = net([q; k_t; q − k_t; q ⊙ k_t]),   v = Σ_t a_t k_t
///
/// The weights a_t are not normalised, as in the paper. In PyTorch `Sequential(Linear, f, …, Linear(last, 1))` named
/// `attention`. K is the width of a key, h that of the first hidden layer.
///
/// The first layer's weight is [h, 4K] = [A | B | C | D]. A row's positions share its query, so the layer is the same as
///
///     (B − C + D · diag q) k_t + (A + C) q
///
/// with a matrix [h, K] that is made once a row: a quarter of the multiplications a position. The first layer is missing if
/// `attentionSizes` is empty; the net is then its last layer alone.
struct AttentionNetwork: Sendable {
    private let history: HistoryEmbeddings
    private let layers: [HiddenLayer]
    /// The last layer's weight [1, w] and bias [1] in the dense vector.
    private let outputWeight: Range<Int>
    private let outputBias: Range<Int>
    /// a_t and the loss's gradient by them, [positions, 1].
    private let scores: ScratchSlot
    private let scoreGradients: ScratchSlot
    /// (A + C) q and the bias, and its gradient, [rows, h].
    private let rowSums: ScratchSlot
    private let rowSumGradients: ScratchSlot
    /// For the pass: A + C, B − C and their gradients, and one row's matrix and its gradient; [h, K] each.
    private let queryWeight: ScratchSlot
    private let keyWeight: ScratchSlot
    private let queryWeightGradient: ScratchSlot
    private let keyWeightGradient: ScratchSlot
    private let rowWeight: ScratchSlot
    private let rowWeightGradient: ScratchSlot
    private var width: Int { history.width }

    init(_ architecture: Architecture, _ history: HistoryEmbeddings, _ plan: inout NetworkPlan) {
        self.history = history
        let width = history.width
        layers = HiddenLayer.stack(
            "attention", inputs: 4 * width, sizes: architecture.attentionSizes, activation: architecture.activation,
            per: .position, &plan)
        let last = layers.last?.outputs ?? 4 * width
        let start = ParameterLayout.Tensor.Start.uniform(bound: 1 / Double(last).squareRoot())
        outputWeight = plan.parameters.addDense(
            "attention.\(2 * layers.count).weight", shape: [1, last], start: start)
        outputBias = plan.parameters.addDense("attention.\(2 * layers.count).bias", shape: [1], start: start)
        scores = plan.scratch.add(width: 1, per: .position)
        scoreGradients = plan.scratch.add(width: 1, per: .position)
        // Without hidden layers the last one is split the same way, as a layer of one unit.
        let hidden = layers.first?.outputs ?? 1
        rowSums = plan.scratch.add(width: hidden)
        rowSumGradients = plan.scratch.add(width: hidden)
        queryWeight = plan.scratch.add(width: hidden * width, per: .pass)
        keyWeight = plan.scratch.add(width: hidden * width, per: .pass)
        queryWeightGradient = plan.scratch.add(width: hidden * width, per: .pass)
        keyWeightGradient = plan.scratch.add(width: hidden * width, per: .pass)
        rowWeight = plan.scratch.add(width: hidden * width, per: .pass)
        rowWeightGradient = plan.scratch.add(width: hidden * width, per: .pass)
    }

    /// Fills v, K numbers a row at `pooled`, rows `stride` floats apart.
    func forward(_ batch: Batch, _ parameters: Parameters, pooled: UnsafeMutablePointer<Float>, stride: Int) {
        for row in 0..<batch.count { (pooled + row * stride).update(repeating: 0, count: width) }
        guard batch.positions > 0 else { return }
        let scores = batch[scores]
        let first = layers.first
        let hidden = first?.outputs ?? 1
        forwardFirst(
            batch, parameters, weight: first?.weight ?? outputWeight, bias: first?.bias ?? outputBias, hidden: hidden,
            sums: first.map { batch[$0.activation.sums] } ?? scores, isRectified: first?.activation.isRectifier ?? false
        )
        first?.finishForward(batch, parameters)
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
        let first = layers.first
        first?.beginBackward(batch, parameters, &gradient)
        backwardFirst(
            batch, parameters, &gradient, weight: first?.weight ?? outputWeight, hidden: first?.outputs ?? 1,
            sumGradients: first.map { batch[$0.gradients] } ?? scoreGradients)
    }

    /// Fills sums [positions, hidden] of the first layer, and leaves the pass's A + C and B − C.
    private func forwardFirst(
        _ batch: Batch, _ parameters: Parameters, weight: Range<Int>, bias: Range<Int>, hidden: Int,
        sums: UnsafeMutablePointer<Float>, isRectified: Bool
    ) {
        let (queryWeight, keyWeight, rowWeight) = (batch[queryWeight], batch[keyWeight], batch[rowWeight])
        let (queries, keys, rowSums) = (batch[history.queries], batch[history.keys], batch[rowSums])
        parameters.withDense { dense in
            let weight = dense + weight.lowerBound
            for unit in 0..<hidden {
                let (from, to) = (weight + unit * 4 * width, unit * width)
                for index in 0..<width {
                    queryWeight[to + index] = from[index] + from[2 * width + index]
                    keyWeight[to + index] = from[width + index] - from[2 * width + index]
                }
            }
            LinearKernels.forward(
                x: queries, weight: queryWeight, y: rowSums, rows: batch.count, inputs: width, outputs: hidden,
                startingFrom: .bias(dense + bias.lowerBound))
            for row in 0..<batch.count {
                let positions = batch.positions(of: row)
                if positions.isEmpty { continue }
                fillRowWeight(rowWeight, keyWeight, weight, queries + row * width, hidden: hidden)
                LinearKernels.forward(
                    x: keys + positions.lowerBound * width, weight: rowWeight, y: sums + positions.lowerBound * hidden,
                    rows: positions.count, inputs: width, outputs: hidden, startingFrom: .bias(rowSums + row * hidden),
                    rectified: isRectified)
            }
        }
    }

    /// Adds to the gradients of keys, queries and the first layer's weight, from that of its sums [positions, hidden].
    private func backwardFirst(
        _ batch: Batch, _ parameters: Parameters, _ gradient: inout Gradient, weight: Range<Int>, hidden: Int,
        sumGradients: UnsafePointer<Float>
    ) {
        let size = hidden * width
        let (queryWeight, queryWeightGradient) = (batch[queryWeight], batch[queryWeightGradient])
        let (keyWeight, keyWeightGradient) = (batch[keyWeight], batch[keyWeightGradient])
        let (rowWeight, rowWeightGradient) = (batch[rowWeight], batch[rowWeightGradient])
        let (queries, queryGradients) = (batch[history.queries], batch[history.queryGradients])
        let (keys, keyGradients) = (batch[history.keys], batch[history.keyGradients])
        let rowSumGradients = batch[rowSumGradients]
        rowSumGradients.update(repeating: 0, count: batch.count * hidden)
        queryWeightGradient.update(repeating: 0, count: size)
        keyWeightGradient.update(repeating: 0, count: size)
        parameters.withDense { dense in
            gradient.withDense { slopes in
                let (weight, slopes) = (dense + weight.lowerBound, slopes + weight.lowerBound)
                for row in 0..<batch.count {
                    let positions = batch.positions(of: row)
                    if positions.isEmpty { continue }
                    let query = queries + row * width
                    let dy = sumGradients + positions.lowerBound * hidden
                    Kernels.best.pointee.add_rows(
                        dy, hidden, rowSumGradients + row * hidden, positions.count, hidden)
                    fillRowWeight(rowWeight, keyWeight, weight, query, hidden: hidden)
                    LinearKernels.inputGradient(
                        dy: dy, weight: rowWeight, dx: keyGradients + positions.lowerBound * width,
                        rows: positions.count, inputs: width, outputs: hidden, startingFrom: .result)
                    rowWeightGradient.update(repeating: 0, count: size)
                    LinearKernels.addWeightGradient(
                        dy: dy, x: keys + positions.lowerBound * width, dw: rowWeightGradient, rows: positions.count,
                        inputs: width, outputs: hidden)
                    spreadRowWeightGradient(
                        rowWeightGradient, to: keyWeightGradient, weight, slopes, query,
                        queryGradients + row * width, hidden: hidden)
                }
                LinearKernels.addWeightGradient(
                    dy: rowSumGradients, x: queries, dw: queryWeightGradient, rows: batch.count, inputs: width,
                    outputs: hidden)
                LinearKernels.inputGradient(
                    dy: rowSumGradients, weight: queryWeight, dx: queryGradients, rows: batch.count, inputs: width,
                    outputs: hidden, startingFrom: .result)
                for unit in 0..<hidden {
                    let (to, from) = (slopes + unit * 4 * width, unit * width)
                    for index in 0..<width {
                        let (query, key) = (queryWeightGradient[from + index], keyWeightGradient[from + index])
                        to[index] += query
                        to[width + index] += key
                        to[2 * width + index] += query - key
                    }
                }
            }
        }
    }

    /// rowWeight [hidden, K] = B − C + D · diag(query).
    private func fillRowWeight(
        _ rowWeight: UnsafeMutablePointer<Float>, _ keyWeight: UnsafePointer<Float>, _ weight: UnsafePointer<Float>,
        _ query: UnsafePointer<Float>, hidden: Int
    ) {
        for unit in 0..<hidden {
            let products = weight + unit * 4 * width + 3 * width
            for index in stride(from: 0, to: width, by: 8) {
                let lanes = min(8, width - index)
                let value = products.load(index, lanes) * query.load(index, lanes)
                rowWeight.store(keyWeight.load(unit * width + index, lanes) + value, at: unit * width + index, lanes)
            }
        }
    }

    /// Adds a row's matrix gradient to B − C's, D's and the query's.
    private func spreadRowWeightGradient(
        _ rowWeightGradient: UnsafePointer<Float>, to keyWeightGradient: UnsafeMutablePointer<Float>,
        _ weight: UnsafePointer<Float>, _ slopes: UnsafeMutablePointer<Float>, _ query: UnsafePointer<Float>,
        _ queryGradient: UnsafeMutablePointer<Float>, hidden: Int
    ) {
        for unit in 0..<hidden {
            let products = unit * 4 * width + 3 * width
            for index in stride(from: 0, to: width, by: 8) {
                let lanes = min(8, width - index)
                let place = unit * width + index
                let slope = rowWeightGradient.load(place, lanes)
                keyWeightGradient.store(keyWeightGradient.load(place, lanes) + slope, at: place, lanes)
                let to = slopes + products
                to.store(to.load(index, lanes) + slope * query.load(index, lanes), at: index, lanes)
                queryGradient.store(
                    queryGradient.load(index, lanes) + slope * (weight + products).load(index, lanes), at: index, lanes)
            }
        }
    }

    /// Multiplications and additions a position as the paper counts them, pooling included.
    static func flopsPerPosition(width: Int, _ architecture: Architecture) -> Int {
        HiddenLayer.flops(inputs: 4 * width, sizes: architecture.attentionSizes)
            + 2 * (architecture.attentionSizes.last ?? 4 * width) + 1 + 2 * width
    }
}
