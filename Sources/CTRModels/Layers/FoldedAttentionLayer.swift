import CKernels

/// The first layer of DIN's attention network, over [q; k_t; q − k_t; q ⊙ k_t] for each position of a row's history.
///
/// Its weight is [h, 4K] = [A | B | C | D]. A row's positions share its query, so that the layer is the same as
///
///     M k_t + (A + C) q + b,   M = B − C + D · diag q
///
/// with a matrix that is made once a row: a quarter of the multiplications a position. M is held as its transpose [K,
/// h], whose rows fill whole vectors where those of M would not.
struct FoldedAttentionLayer: Sendable {
    private let history: HistoryEmbeddings
    /// [h, 4K] and [h] in the dense vector.
    private let weight: Range<Int>
    private let bias: Range<Int>
    private let outputs: Int
    /// (A + C) q + b and the loss's gradient by it, [rows, h].
    private let rowSums: ScratchSlot
    private let rowSumGradients: ScratchSlot
    /// For the pass: A + C and its gradient, [h, K].
    private let queryWeight: ScratchSlot
    private let queryWeightGradient: ScratchSlot
    /// Likewise the transposes of B − C and of D, [K, h].
    private let keyWeight: ScratchSlot
    private let keyWeightGradient: ScratchSlot
    private let productWeight: ScratchSlot
    private let productWeightGradient: ScratchSlot
    /// One row's M and its gradient, as transposes [K, h].
    private let rowWeight: ScratchSlot
    private let rowWeightGradient: ScratchSlot
    private var width: Int { history.width }

    init(
        _ history: HistoryEmbeddings, weight: Range<Int>, bias: Range<Int>, outputs: Int, _ plan: inout NetworkPlan
    ) {
        self.history = history
        self.weight = weight
        self.bias = bias
        self.outputs = outputs
        let size = outputs * history.width
        rowSums = plan.scratch.add(width: outputs)
        rowSumGradients = plan.scratch.add(width: outputs)
        queryWeight = plan.scratch.add(width: size, per: .pass)
        queryWeightGradient = plan.scratch.add(width: size, per: .pass)
        keyWeight = plan.scratch.add(width: size, per: .pass)
        keyWeightGradient = plan.scratch.add(width: size, per: .pass)
        productWeight = plan.scratch.add(width: size, per: .pass)
        productWeightGradient = plan.scratch.add(width: size, per: .pass)
        rowWeight = plan.scratch.add(width: size, per: .pass)
        rowWeightGradient = plan.scratch.add(width: size, per: .pass)
    }

    /// Fills `sums` [positions, h], bias included, negative ones as 0 if `isRectified`; leaves the pass's matrices.
    func forward(
        _ batch: Batch, _ parameters: Parameters, sums: UnsafeMutablePointer<Float>, isRectified: Bool
    ) {
        let (queries, keys) = (batch[history.queries], batch[history.keys])
        let (rowSums, rowWeight) = (batch[rowSums], batch[rowWeight])
        parameters.withDense { dense in
            fold(batch, dense + weight.lowerBound)
            LinearKernels.forward(
                x: queries, weight: batch[queryWeight], y: rowSums, rows: batch.count, inputs: width, outputs: outputs,
                startingFrom: .bias(dense + bias.lowerBound))
        }
        for row in 0..<batch.count {
            let positions = batch.positions(of: row)
            if positions.isEmpty { continue }
            fillRowWeight(batch, query: queries + row * width)
            LinearKernels.forward(
                x: keys + positions.lowerBound * width, transposedWeight: rowWeight,
                y: sums + positions.lowerBound * outputs, rows: positions.count, inputs: width, outputs: outputs,
                startingFrom: .bias(rowSums + row * outputs), rectified: isRectified)
        }
    }

    /// Adds to the gradients of keys, queries and the weight, from that of the sums [positions, h]. The bias's is the
    /// caller's.
    func backward(
        _ batch: Batch, _ parameters: Parameters, _ gradient: inout Gradient, sumGradients: UnsafePointer<Float>
    ) {
        let size = outputs * width
        let (queries, queryGradients) = (batch[history.queries], batch[history.queryGradients])
        let (keys, keyGradients) = (batch[history.keys], batch[history.keyGradients])
        let (rowWeight, rowWeightGradient) = (batch[rowWeight], batch[rowWeightGradient])
        let rowSumGradients = batch[rowSumGradients]
        rowSumGradients.update(repeating: 0, count: batch.count * outputs)
        batch[queryWeightGradient].update(repeating: 0, count: size)
        batch[keyWeightGradient].update(repeating: 0, count: size)
        batch[productWeightGradient].update(repeating: 0, count: size)
        for row in 0..<batch.count {
            let positions = batch.positions(of: row)
            if positions.isEmpty { continue }
            let dy = sumGradients + positions.lowerBound * outputs
            Kernels.best.pointee.add_rows(dy, outputs, rowSumGradients + row * outputs, positions.count, outputs)
            fillRowWeight(batch, query: queries + row * width)
            // dy · M.
            LinearKernels.forward(
                x: dy, weight: rowWeight, y: keyGradients + positions.lowerBound * width, rows: positions.count,
                inputs: outputs, outputs: width, startingFrom: .result)
            rowWeightGradient.update(repeating: 0, count: size)
            // kᵀ · dy.
            LinearKernels.addWeightGradient(
                dy: keys + positions.lowerBound * width, x: dy, dw: rowWeightGradient, rows: positions.count,
                inputs: outputs, outputs: width)
            spreadRowWeightGradient(batch, query: queries + row * width, queryGradient: queryGradients + row * width)
        }
        LinearKernels.addWeightGradient(
            dy: rowSumGradients, x: queries, dw: batch[queryWeightGradient], rows: batch.count, inputs: width,
            outputs: outputs)
        LinearKernels.inputGradient(
            dy: rowSumGradients, weight: batch[queryWeight], dx: queryGradients, rows: batch.count, inputs: width,
            outputs: outputs, startingFrom: .result)
        gradient.withDense { slopes in unfoldGradient(batch, to: slopes + weight.lowerBound) }
    }

    /// Fills the pass's matrices from the weight.
    private func fold(_ batch: Batch, _ weight: UnsafePointer<Float>) {
        let (queryWeight, keyWeight, productWeight) = (batch[queryWeight], batch[keyWeight], batch[productWeight])
        for unit in 0..<outputs {
            let from = weight + unit * 4 * width
            for index in 0..<width {
                queryWeight[unit * width + index] = from[index] + from[2 * width + index]
                keyWeight[index * outputs + unit] = from[width + index] - from[2 * width + index]
                productWeight[index * outputs + unit] = from[3 * width + index]
            }
        }
    }

    /// Adds the gradients by the pass's matrices to that by the weight.
    private func unfoldGradient(_ batch: Batch, to slopes: UnsafeMutablePointer<Float>) {
        let (queries, keys) = (batch[queryWeightGradient], batch[keyWeightGradient])
        let products = batch[productWeightGradient]
        for unit in 0..<outputs {
            let to = slopes + unit * 4 * width
            for index in 0..<width {
                let (query, key) = (queries[unit * width + index], keys[index * outputs + unit])
                to[index] += query
                to[width + index] += key
                to[2 * width + index] += query - key
                to[3 * width + index] += products[index * outputs + unit]
            }
        }
    }

    /// Mᵀ of a row.
    private func fillRowWeight(_ batch: Batch, query: UnsafePointer<Float>) {
        let (rowWeight, keyWeight, productWeight) = (batch[rowWeight], batch[keyWeight], batch[productWeight])
        for index in 0..<width {
            let (place, scale) = (index * outputs, query[index])
            for unit in stride(from: place, to: place + outputs, by: 8) {
                let lanes = min(8, place + outputs - unit)
                rowWeight.store(keyWeight.load(unit, lanes) + productWeight.load(unit, lanes) * scale, at: unit, lanes)
            }
        }
    }

    /// Adds a row's matrix gradient to B − C's, D's and the query's.
    private func spreadRowWeightGradient(
        _ batch: Batch, query: UnsafePointer<Float>, queryGradient: UnsafeMutablePointer<Float>
    ) {
        let (rowSlopes, productWeight) = (batch[rowWeightGradient], batch[productWeight])
        let (keySlopes, productSlopes) = (batch[keyWeightGradient], batch[productWeightGradient])
        for index in 0..<width {
            let (place, scale) = (index * outputs, query[index])
            var sums = SIMD8<Float>()
            for unit in stride(from: place, to: place + outputs, by: 8) {
                let lanes = min(8, place + outputs - unit)
                let slope = rowSlopes.load(unit, lanes)
                keySlopes.store(keySlopes.load(unit, lanes) + slope, at: unit, lanes)
                productSlopes.store(productSlopes.load(unit, lanes) + slope * scale, at: unit, lanes)
                sums += slope * productWeight.load(unit, lanes)
            }
            queryGradient[index] += sums.sum()
        }
    }
}
