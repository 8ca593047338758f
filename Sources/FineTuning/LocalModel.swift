public import CTRModels

/// One user's model on one user's samples: an overlay of the cloud model's dense weights and of only those embedding rows
/// that the samples touch. Its size does not depend on the item table's.
public struct LocalModel: Sendable {
    /// The most samples scored at once, so that scratch memory does not grow with the user.
    private static let scoredRows = 512

    /// The overlay, and the user's samples with its ids.
    public private(set) var overlay: RestrictedModel

    /// The cloud model, restricted to what `samples` touch. Cost: the dense weights and the touched rows.
    ///
    /// - Parameter samples: all samples that will be tuned on or scored.
    public init(cloud: CTRModel, samples: ModelInput) {
        overlay = cloud.restricted(to: samples)
    }

    /// Tunes the overlay on some of the samples, in shuffled batches.
    ///
    /// - Parameters:
    ///   - rows: the samples to learn from, by their place among the samples that this was made with.
    ///   - labels: a label for each of those samples; only the labels of `rows` are looked at. Real numbers, raw or corrected.
    ///   - schedule: passes, batch size and optimiser; its state starts anew.
    ///   - seed: decides the shuffles; the same seed gives the same order whatever the labels.
    /// - Throws: `diverged`; the overlay is then of no use.
    public mutating func tune(
        on rows: Range<Int>, labels: [Float], schedule: LocalSchedule, seed: UInt64
    ) throws(FineTuningError) {
        precondition(labels.count == overlay.input.count, "one label a sample")
        guard !rows.isEmpty else { return }
        var order = rows.map { Int32($0) }
        var shuffler = SplitMix64(seed: seed)
        var workspace = overlay.model.makeWorkspace(rows: min(schedule.batchSize, rows.count))
        var gradient = Gradient(for: overlay.model)
        var optimizer = Optimizer(schedule.optimizer, for: overlay.model)
        for epoch in 1...schedule.epochs {
            shuffler.shuffle(&order)
            for start in stride(from: 0, to: order.count, by: schedule.batchSize) {
                gradient.clear()
                let loss = overlay.model.lossAndGradient(
                    overlay.input, rows: order[start..<min(start + schedule.batchSize, order.count)], labels: labels,
                    workspace: &workspace, gradient: &gradient)
                guard loss.isFinite else {
                    throw FineTuningError(.diverged, "the loss is not finite in pass \(epoch)")
                }
                optimizer.step(&overlay.model, gradient)
            }
        }
    }

    /// The logits of some of the samples, in their order.
    ///
    /// - Throws: `diverged` if one is not finite.
    public func logits(_ rows: Range<Int>) throws(FineTuningError) -> [Float] {
        guard !rows.isEmpty else { return [] }
        var logits = [Float](repeating: 0, count: overlay.input.count)
        let mostRows = min(rows.count, Self.scoredRows)
        var workspace = overlay.model.makeWorkspace(rows: mostRows)
        for start in stride(from: rows.lowerBound, to: rows.upperBound, by: mostRows) {
            overlay.model.logits(
                overlay.input, rows: start..<min(start + mostRows, rows.upperBound), workspace: &workspace,
                into: &logits)
        }
        let result = Array(logits[rows])
        guard result.allSatisfy(\.isFinite) else { throw FineTuningError(.diverged, "a logit is not finite") }
        return result
    }
}
