import Samples

@testable import Evaluation

/// Rows of a prediction stream with one or more arms, users contiguous; what tests build streams from.
struct ScoredRows: Sendable, Decodable {
    var users: [Int64]
    var labels: [Float]
    var logits: [Double]

    var count: Int { users.count }

    /// Row ranges of equal consecutive users.
    var userRanges: [Range<Int>] { KeyColumn.integers(users).runs }

    /// The rows named by `rows`, in that order.
    func gathering(_ rows: [Int]) -> ScoredRows {
        ScoredRows(users: rows.map { users[$0] }, labels: rows.map { labels[$0] }, logits: rows.map { logits[$0] })
    }

    /// The same rows with other logits.
    func mapLogits(_ transform: (Double) -> Double) -> ScoredRows {
        ScoredRows(users: users, labels: labels, logits: logits.map(transform))
    }

    /// Users of up to `mostRows` rows, the logits multiples of 1/8 in -4...4: plenty of ties.
    static func random(seed: UInt64, users: Int, mostRows: Int) -> ScoredRows {
        var random = SplitMix64(seed: seed)
        var rows = ScoredRows(users: [], labels: [], logits: [])
        for user in 0..<users {
            for _ in 0..<Int.random(in: 1...mostRows, using: &random) {
                rows.users.append(Int64(user))
                rows.labels.append(Bool.random(using: &random) ? 1 : 0)
                rows.logits.append(Double(Int.random(in: -32...32, using: &random)) / 8)
            }
        }
        return rows
    }

    /// Some of the rows as a batch of test rows whose one arm is `cloud`.
    func batch(_ range: Range<Int>? = nil, schema: PredictionSchema? = nil) -> PredictionBatch {
        let range = range ?? 0..<count
        var batch = PredictionBatch(schema ?? Self.schema(users: Set(users).count))
        batch.users = .integers(Array(users[range]))
        batch.times = range.map { Int64($0) }
        batch.labels = Array(labels[range])
        batch.parts = range.map { _ in .test }
        batch.items = range.map { _ in 0 }
        batch.trainSamples = range.map { _ in 1 }
        batch.trainPositives = range.map { _ in 0 }
        batch.itemSeen = range.map { _ in false }
        batch.kept = range.map { _ in true }
        batch.logits = batch.schema.arms.map { _ in Array(logits[range]) }
        return batch
    }

    static func schema(
        users: Int, arms: [String] = ["cloud"], userKind: KeyColumn.Kind = .integer, globalCTR: Double = 0.25
    ) -> PredictionSchema {
        PredictionSchema(
            userKind: userKind, arms: arms, globalCTR: globalCTR, seed: 1, users: users, fingerprints: [:])
    }

    /// The metrics of all rows in one batch.
    func evaluated() throws(StageError) -> RunMetrics {
        var evaluator = Evaluator(EvaluationSettings())
        try evaluator.add(batch())
        return try evaluator.finish().metrics
    }
}
