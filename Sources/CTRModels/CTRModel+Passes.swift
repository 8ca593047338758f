extension CTRModel {
    /// Scores `rows` of an input: `logits[row]` becomes the logit of each; other elements stay.
    ///
    /// `logits` has `input.count` elements. Longer ranges than the workspace holds are cut into passes.
    public func logits(
        _ input: ModelInput, rows: Range<Int>, workspace: inout Workspace, into logits: inout [Float]
    ) {
        check(input, workspace)
        precondition(rows.lowerBound >= 0 && rows.upperBound <= input.count, "a row outside the input")
        precondition(logits.count == input.count, "one logit a row of the input")
        // Taken out for the time, because a pass needs the workspace for itself; a swap copies nothing.
        var numbers: [Int32] = []
        swap(&numbers, &workspace.rowNumbers)
        for start in stride(from: rows.lowerBound, to: rows.upperBound, by: workspace.rows) {
            let count = min(workspace.rows, rows.upperBound - start)
            for place in 0..<count { numbers[place] = Int32(start + place) }
            numbers.withUnsafeBufferPointer { numbers in
                workspace.withBatch(
                    of: input, rows: UnsafeBufferPointer(rebasing: numbers[..<count]), mode: .frozen, firstPlace: start
                ) { batch in
                    let scored = forward(batch)
                    for place in 0..<count { logits[start + place] = scored[place] }
                }
            }
        }
        swap(&numbers, &workspace.rowNumbers)
    }

    /// The mean cross-entropy over `rows`, and its gradient, which is added to `gradient` or replaces what it holds.
    ///
    /// - Parameters:
    ///   - rows: Row numbers of the input in any order, repeats allowed: a slice of a shuffled order costs no copy.
    ///   - labels: One real number a row of the input; usually in [0, 1].
    ///   - weights: One factor a row of the input on that row's loss; nil: all 1. The mean is by the number of rows,
    ///     not by the sum of weights (as torch's `binary_cross_entropy_with_logits(weight=…)`).
    ///   - batchRows: Divide by this number instead of by `rows.count`: where `rows` are one shard of a batch, the
    ///     losses and gradients of its shards add up to the batch's.
    ///   - firstPlace: Place of the first of `rows` in the batch of which they are a shard; dropout goes by places.
    ///   - mode: Whether this is a step of training a model, or of tuning a trained one.
    ///   - logitOffset: Added to every logit before its loss is taken.
    ///   - replaces: Whether `gradient` starts from zeros. The same bits as from one that is cleared before, in less
    ///     time.
    /// - Returns: The loss, summed in double; 0 without rows. Not finite if a logit, a label or a weight is not.
    @discardableResult
    public func lossAndGradient(
        _ input: ModelInput, rows: ArraySlice<Int32>, labels: [Float], weights: [Float]? = nil, batchRows: Int? = nil,
        firstPlace: Int = 0, mode: PassMode = .frozen, logitOffset: Float = 0, replacing replaces: Bool = false,
        workspace: inout Workspace, gradient: inout Gradient
    ) -> Double {
        check(input, workspace)
        gradient.check(against: parameters)
        precondition(labels.count == input.count, "one label a row of the input")
        precondition(weights.map { $0.count == input.count } ?? true, "one weight a row of the input")
        let divisor = batchRows ?? rows.count
        precondition(rows.isEmpty || divisor > 0, "a batch with rows has at least one row")
        if replaces { gradient.clearForProducts(parameters.layout) }
        defer { if replaces { gradient.settle(parameters.layout) } }
        return rows.withUnsafeBufferPointer { rows in
            var loss = 0.0
            for start in stride(from: 0, to: rows.count, by: workspace.rows) {
                let part = UnsafeBufferPointer(rebasing: rows[start..<min(start + workspace.rows, rows.count)])
                loss += workspace.withBatch(of: input, rows: part, mode: mode, firstPlace: firstPlace + start) {
                    batch in
                    let logits = forward(batch)
                    if logitOffset != 0 {
                        for place in 0..<batch.count { logits[place] += logitOffset }
                    }
                    let loss = withUnsafePointers(to: labels, weights) { labels, weights in
                        CrossEntropy.lossAndGradient(
                            logits: logits, rows: batch.rows, labels: labels, weights: weights, divisor: divisor,
                            logitGradients: batch[logitGradientSlot])
                    }
                    network.backward(batch, parameters, &gradient)
                    return loss
                }
            }
            return loss
        }
    }

    /// The batch's logits [rows].
    private func forward(_ batch: Batch) -> UnsafeMutablePointer<Float> {
        let logits = batch[logitSlot]
        logits.update(repeating: 0, count: batch.count)
        network.forward(batch, parameters)
        return logits
    }

    /// Traps unless the kernels may rely on sizes and kinds. Cost: O(fields).
    private func check(_ input: ModelInput, _ workspace: borrowing Workspace) {
        input.check(against: architecture.fields)
        checkParameters()
        precondition(workspace.plan == scratch, "a workspace of another model")
    }
}

private func withUnsafePointers<Result>(
    to values: [Float], _ more: [Float]?,
    _ body: (UnsafeBufferPointer<Float>, UnsafeBufferPointer<Float>?) -> Result
) -> Result {
    values.withUnsafeBufferPointer { values in
        guard let more else { return body(values, nil) }
        return more.withUnsafeBufferPointer { body(values, $0) }
    }
}
