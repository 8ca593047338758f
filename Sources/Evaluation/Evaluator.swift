import Samples

/// The evaluation of one prediction stream, fed batch by batch: no tasks, no waiting.
///
/// Holds 16 bytes an evaluated row and arm, up to the settings' memory, beyond which sorted runs go to temporary files; and the key
/// and some numbers an arm of every user.
struct Evaluator: Sendable {
    private let settings: EvaluationSettings
    private var schema: PredictionSchema?
    /// One an arm.
    private var pooled: [PooledScores] = []
    private var seenUsers: Set<UserKey> = []
    private var currentUser: UserKey?
    private var rows = UserRows(arms: 0, top: 1)
    /// Counts of the current user's train part.
    private var train = (samples: 0, positives: 0)
    /// Whether the current user was held out.
    private var isHeldOut = false
    private var users = EvaluatedUsers(userKind: .integer, arms: [])
    /// Rows of the stream in earlier batches, of whatever part.
    private var rowsBefore = 0

    init(_ settings: EvaluationSettings) {
        self.settings = settings
    }

    /// Takes the stream's next batch.
    mutating func add(_ batch: PredictionBatch) throws(StageError) {
        try check(batch.schema)
        for rows in batch.userRanges {
            let user = batch.users[rows.lowerBound]
            if user != currentUser { try begin(user) }
            try add(rows, of: batch)
        }
        rowsBefore += batch.count
    }

    /// Everything but comparisons, from all batches taken. Called once, at the end.
    mutating func finish() throws(StageError) -> EvaluatedRun {
        endUser()
        guard let schema, rowsBefore > 0 else {
            throw StageError(.data, "there are no predictions to evaluate")
        }
        let samples = users.samples.reduce(0, +)
        guard samples > 0 else {
            throw StageError(
                .data, "none of the \(rowsBefore) predictions belongs to the \(settings.part.name) part",
                advice: "predict that part, or evaluate another")
        }
        guard schema.users >= seenUsers.count else {
            throw StageError(
                .data, "predictions hold \(seenUsers.count) users, but their schema says that there are \(schema.users)"
            )
        }
        let evaluated = (0..<users.count).count { users.hasBothClasses($0) }
        let scope = EvaluationScope(
            part: settings.part, globalCTR: schema.globalCTR,
            users: EvaluationScope.Users(
                total: schema.users, evaluated: evaluated, singleClass: users.count - evaluated,
                withoutRows: schema.users - users.count),
            samples: samples, positives: users.positives.reduce(0, +), top: settings.top,
            lists: users.lists.reduce(0, +))
        var metrics: [ArmMetrics] = []
        var calibration: [[CalibrationBin]] = []
        for arm in users.arms.indices {
            let found = try self.metrics(of: arm)
            metrics.append(found.metrics)
            calibration.append(found.bins)
        }
        return EvaluatedRun(
            metrics: RunMetrics(seed: schema.seed, fingerprints: schema.fingerprints, scope: scope, arms: metrics),
            users: users, calibration: calibration)
    }

    /// The metrics of one arm, whose rows are then released.
    private mutating func metrics(
        of arm: Int
    ) throws(StageError) -> (metrics: ArmMetrics, bins: [CalibrationBin]) {
        var tally = PooledTally(
            positives: pooled[arm].positives, negatives: pooled[arm].count - pooled[arm].positives, users: users.count)
        try pooled[arm].forEachInOrder { tally.add($0) }
        tally.finish()
        if let influences = tally.influences { users.arms[arm].influence = influences }
        var metrics = ArmMetrics(
            arm: users.arms[arm].name, auc: tally.auc, logLoss: tally.logLoss, pcoc: tally.pcoc, ece: tally.ece)
        let slice = UserSlice(allOf: users)
        for metric in [Metric.gauc, .averageAUC, .userRCE, .ndcg, .hitRate] {
            metrics[metric] = slice.mean(of: metric, arm, in: users)
        }
        return (metrics, tally.bins)
    }

    private mutating func check(_ schema: PredictionSchema) throws(StageError) {
        if let known = self.schema {
            guard schema == known else { throw StageError(.data, "the schema of the predictions changes midway") }
            return
        }
        guard !schema.arms.isEmpty else { throw StageError(.data, "the predictions hold no arm") }
        guard Set(schema.arms).count == schema.arms.count else {
            throw StageError(.data, "the predictions hold two arms of one name")
        }
        guard schema.globalCTR.isFinite else {
            throw StageError(.data, "the global CTR of the predictions is \(schema.globalCTR)")
        }
        self.schema = schema
        users = EvaluatedUsers(userKind: schema.userKind, arms: schema.arms)
        rows = UserRows(arms: schema.arms.count, top: settings.top)
        let share = settings.memoryBytes / (MemoryLayout<PooledScores.Row>.stride * schema.arms.count)
        pooled = schema.arms.map { _ in PooledScores(mostRows: share, scratch: settings.makeScratch) }
    }

    private mutating func begin(_ user: UserKey) throws(StageError) {
        endUser()
        guard seenUsers.insert(user).inserted else {
            throw StageError(
                .data, "rows of user \(user) are not contiguous",
                advice: "evaluate a stream as finetune writes it, with all rows of a user together")
        }
        currentUser = user
    }

    private mutating func endUser() {
        guard rows.count > 0, let user = currentUser else { return }
        users.keys.append(user)
        rows.end(train, isHeldOut: isHeldOut, in: &users)
    }

    /// Adds rows of the current user, as far as they belong to the part.
    private mutating func add(_ range: Range<Int>, of batch: PredictionBatch) throws(StageError) {
        for row in range where batch.parts[row] == settings.part {
            let label = batch.labels[row]
            guard label == 0 || label == 1 else {
                throw StageError(.data, "label \(label) of \(place(row, of: batch)) is neither 0 nor 1")
            }
            guard batch.trainPositives[row] <= batch.trainSamples[row] else {
                throw StageError(
                    .data,
                    "\(place(row, of: batch)) has \(batch.trainPositives[row]) positives among"
                        + " \(batch.trainSamples[row]) train samples")
            }
            train = (Int(batch.trainSamples[row]), Int(batch.trainPositives[row]))
            isHeldOut = batch.heldOut?[row] ?? false
            rows.append(isPositive: label == 1, isSeen: batch.itemSeen[row], group: batch.groups?[row])
        }
        guard users.count < PooledScores.mostUsers else {
            throw StageError(.refused, "there are more than \(PooledScores.mostUsers) users")
        }
        for arm in pooled.indices {
            let logits = batch.logits[arm]
            for row in range where batch.parts[row] == settings.part {
                let logit = logits[row]
                guard logit.isFinite else {
                    throw StageError(
                        .data, "arm \(users.arms[arm].name): the logit of \(place(row, of: batch)) is \(logit)",
                        advice: "look for a diverged model or schedule")
                }
                rows.append(logit, arm: arm)
                // The user's number, which is given when the user ends.
                try pooled[arm].append(logit, user: users.count, isPositive: batch.labels[row] == 1)
            }
        }
    }

    /// `user 7 (row 12)`, rows counted from 1 over the whole stream.
    private func place(_ row: Int, of batch: PredictionBatch) -> String {
        "user \(batch.users[row]) (row \(rowsBefore + row + 1))"
    }
}
