public import CTRModels

/// Tunes a cloud model for one user after the other: an overlay of the cloud's dense weights and of only those embedding rows
/// that the user's samples touch.
///
///     var tuner = LocalTuner(cloud: cloud, schedule: LocalSchedule())
///     for user in users {
///         tuner.begin(user.samples)
///         try tuner.tune(on: 0..<30, LocalTargets(labels: user.labels), seed: 1)
///         let logits = try tuner.logits(30..<40)
///     }
///
/// Memory is the dense weights, the largest user's rows and one batch, whatever the size of the tables; it is kept from user to
/// user. One tuner a thread; which users it had before changes no bit.
public struct LocalTuner: Sendable {
    /// The model that every user starts from.
    public let cloud: CTRModel
    /// How each is tuned.
    public let schedule: LocalSchedule
    /// The user's model, and the user's samples with its ids.
    public internal(set) var overlay: RestrictedModel
    /// Which model an `Overlay` belongs to.
    let cloudChecksum: UInt64
    private var workspace: Workspace
    private var gradient: Gradient
    private var optimizer: Optimizer
    private var order: [Int32] = []
    /// Of as many samples as the user has; only those that were just asked for mean something.
    private var scores: [Float] = []

    /// Rows scored at once at most.
    private static let scoredRows = 64

    /// A tuner whose user has no samples yet.
    public init(cloud: CTRModel, schedule: LocalSchedule) {
        self.cloud = cloud
        self.schedule = schedule
        cloudChecksum = cloud.checksum
        overlay = cloud.restricted(to: .empty(for: cloud.architecture))
        workspace = cloud.makeWorkspace(rows: max(schedule.batchSize, Self.scoredRows))
        gradient = Gradient(for: overlay.model)
        optimizer = Optimizer(schedule.optimizer, for: overlay.model)
    }

    /// Starts on a user with the cloud's weights. Cost: the dense weights and the touched rows.
    ///
    /// - Parameters:
    ///   - samples: samples, those of the user among them.
    ///   - rows: the user's: all that will be learnt from or scored, counted from their first from now on; nil: all samples.
    public mutating func begin(_ samples: ModelInput, rows: Range<Int>? = nil) {
        overlay.restrict(cloud, to: samples, rows: rows ?? 0..<samples.count)
    }

    /// Goes back to the cloud's weights for the same user.
    public mutating func restart() {
        overlay.reset(to: cloud)
    }

    /// Tunes the overlay on some of the samples, in shuffled batches.
    ///
    /// - Parameters:
    ///   - rows: the samples to learn from, by their place among the user's.
    ///   - targets: what to learn, a label for each of the user's samples.
    ///   - seed: decides the shuffles; the same seed gives the same order whatever the labels.
    /// - Throws: `diverged`; the overlay is then of no use until `restart`.
    public mutating func tune(on rows: Range<Int>, _ targets: LocalTargets, seed: UInt64) throws(FineTuningError) {
        precondition(targets.labels.count == overlay.input.count, "one label a sample")
        guard !rows.isEmpty else { return }
        order.removeAll(keepingCapacity: true)
        for row in rows { order.append(Int32(row)) }
        var shuffler = SplitMix64(seed: seed)
        gradient.resize(for: overlay.model)
        optimizer.reset(for: overlay.model)
        let origin = schedule.pull > 0 ? cloudParameters : nil
        for epoch in 1...schedule.epochs {
            shuffler.shuffle(&order)
            for start in stride(from: 0, to: order.count, by: schedule.batchSize) {
                let loss = overlay.model.lossAndGradient(
                    overlay.input, rows: order[start..<min(start + schedule.batchSize, order.count)],
                    labels: targets.labels, weights: targets.weights, logitOffset: targets.logitOffset, replacing: true,
                    workspace: &workspace, gradient: &gradient)
                guard loss.isFinite else {
                    throw FineTuningError(.diverged, "the loss is not finite in pass \(epoch)")
                }
                if let origin {
                    gradient.addPull(of: overlay.model.parameters, towards: origin, strength: Float(schedule.pull))
                }
                optimizer.step(&overlay.model, gradient, moving: schedule.tuned)
            }
        }
        guard overlay.model.parameters.areFinite else {
            throw FineTuningError(.diverged, "a weight is not finite")
        }
    }

    /// The cloud's weights of the overlay's rows: where the pull draws to.
    private var cloudParameters: Parameters {
        var start = overlay
        start.reset(to: cloud)
        return start.model.parameters
    }

    /// The logits of some of the samples, in their order.
    ///
    /// - Throws: `diverged` if one is not finite.
    public mutating func logits(_ rows: Range<Int>) throws(FineTuningError) -> [Float] {
        guard !rows.isEmpty else { return [] }
        let count = overlay.input.count
        if scores.count > count { scores.removeLast(scores.count - count) }
        if scores.count < count { scores.append(contentsOf: repeatElement(0, count: count - scores.count)) }
        overlay.model.logits(overlay.input, rows: rows, workspace: &workspace, into: &scores)
        let result = Array(scores[rows])
        guard result.allSatisfy(\.isFinite) else { throw FineTuningError(.diverged, "a logit is not finite") }
        return result
    }
}
