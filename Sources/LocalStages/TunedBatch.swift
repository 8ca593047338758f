import ByteStreams
import CTRModels
import Samples

/// What one thread makes of a batch of whole users. All that a stage hands on is in it.
struct TunedBatch: Sendable {
    /// The predictions of the batch's users.
    var predictions: PredictionBatch
    /// The users, in the batch's order.
    var users: [UserResult] = []
    /// Those of them to whom a model gave a number that is not finite.
    var named: [FineTuningReport.NamedUser] = []
    /// The users' lines of the users' table; empty where there is none.
    var table: [UInt8] = []
    /// The users' entries of the overlays' archive; empty where there is none.
    var overlays: [UInt8] = []
    /// How long users took; empty where nobody asked.
    var times = DurationHistogram()
}

/// Tunes the users of one batch after the other on one thread.
struct BatchTuner {
    private var scorer: UserScorer
    private let plan: TuningPlan
    private let schema: PredictionSchema
    private let table: FineTuningTable?
    private let measuresTimes: Bool
    private let cancellation: Cancellation

    init(
        _ work: UserScorer.Work, table: FineTuningTable?, keepsOverlays: Bool, measuresTimes: Bool,
        cancellation: Cancellation
    ) {
        scorer = UserScorer(work, UserExtras(measuresLosses: table != nil, keepsOverlays: keepsOverlays))
        plan = work.plan
        schema = work.schema
        self.table = table
        self.measuresTimes = measuresTimes
        self.cancellation = cancellation
    }

    /// The predictions for a batch of whole users.
    mutating func tuned(_ batch: SampleBatch) throws(StageError) -> TunedBatch {
        guard let parts = batch.parts else { throw .notPartitioned(stage: "finetune") }
        var result = TunedBatch(predictions: PredictionBatch(schema))
        let samples = try scorer.samples(of: batch)
        var start = measuresTimes ? ContinuousClock.now : nil
        let ranges = batch.userRanges
        for rows in ranges {
            if cancellation.isCancelled { throw .cancelled }
            let user = try scorer.score(rows, of: batch, parts, samples, into: &result.predictions)
            result.users.append(user)
            if let overlay = user.overlay {
                result.overlays += OverlayArchive.entry(overlay, of: batch.users[rows.lowerBound])
            }
            if let fault = user.fault(plan) {
                result.named.append(.init(user: batch.users[rows.lowerBound], text: fault))
            }
            if let before = start {
                let now = ContinuousClock.now
                result.times.add(nanoseconds: (now - before).nanoseconds)
                start = now
            }
        }
        if let table { result.table = table.lines(result.users, keys: batch.users, rows: ranges.map(\.lowerBound)) }
        return result
    }
}

extension Duration {
    /// Whole nanoseconds, of less than some hundred years.
    fileprivate var nanoseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
    }
}
