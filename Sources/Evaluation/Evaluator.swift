import Samples

/// The evaluation of one prediction stream, fed batch by batch: no tasks, no waiting.
///
/// Holds 8 bytes an evaluated row and arm (the logit; a row's label is told by where it is kept), up to twice that while an
/// array grows, and the key of every user seen.
struct Evaluator: Sendable {
    let part: Part
    private var schema: PredictionSchema?
    private var arms: [ArmTally] = []
    private var seenUsers: Set<UserKey> = []
    private var currentUser: UserKey?
    /// The current user's evaluated rows and how many of them are positive.
    private var userSamples = 0
    private var userPositives = 0
    private var samples = 0
    private var positives = 0
    private var evaluatedUsers = 0
    private var singleClassUsers = 0
    /// Rows of the stream in earlier batches, of whatever part.
    private var rowsBefore = 0

    init(_ settings: EvaluationSettings) {
        part = settings.part
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

    /// The metrics of all batches taken. Called once, at the end.
    mutating func finish() throws(StageError) -> RunMetrics {
        endUser()
        guard let schema, rowsBefore > 0 else {
            throw StageError(.data, "there are no predictions to evaluate")
        }
        guard samples > 0 else {
            throw StageError(
                .data, "none of the \(rowsBefore) predictions belongs to the \(part.name) part",
                advice: "predict that part, or evaluate another")
        }
        let usersWithRows = evaluatedUsers + singleClassUsers
        guard schema.users >= seenUsers.count else {
            throw StageError(
                .data, "predictions hold \(seenUsers.count) users, but their schema says that there are \(schema.users)"
            )
        }
        let users = EvaluationScope.Users(
            total: schema.users, evaluated: evaluatedUsers, singleClass: singleClassUsers,
            withoutRows: schema.users - usersWithRows)
        var metrics: [ArmMetrics] = []
        for arm in arms.indices { metrics.append(arms[arm].finish()) }
        return RunMetrics(
            seed: schema.seed, fingerprints: schema.fingerprints,
            scope: EvaluationScope(
                part: part, globalCTR: schema.globalCTR, users: users, samples: samples, positives: positives),
            arms: metrics)
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
        arms = schema.arms.map { ArmTally(name: $0) }
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
        guard userSamples > 0 else { return }
        for arm in arms.indices { arms[arm].endUser() }
        let isSingleClass = userPositives == 0 || userPositives == userSamples
        if isSingleClass { singleClassUsers += 1 } else { evaluatedUsers += 1 }
        samples += userSamples
        positives += userPositives
        userSamples = 0
        userPositives = 0
    }

    /// Adds rows of the current user, as far as they belong to the part.
    private mutating func add(_ rows: Range<Int>, of batch: PredictionBatch) throws(StageError) {
        for row in rows where batch.parts[row] == part {
            let label = batch.labels[row]
            guard label == 0 || label == 1 else {
                throw StageError(.data, "label \(label) of \(place(row, of: batch)) is neither 0 nor 1")
            }
            userSamples += 1
            userPositives += label == 1 ? 1 : 0
        }
        for arm in arms.indices {
            let logits = batch.logits[arm]
            for row in rows where batch.parts[row] == part {
                let logit = logits[row]
                guard logit.isFinite else {
                    throw StageError(
                        .data, "arm \(arms[arm].name): the logit of \(place(row, of: batch)) is \(logit)",
                        advice: "look for a diverged model or schedule")
                }
                arms[arm].append(logit, isPositive: batch.labels[row] == 1)
            }
        }
    }

    /// `user 7 (row 12)`, rows counted from 1 over the whole stream.
    private func place(_ row: Int, of batch: PredictionBatch) -> String {
        "user \(batch.users[row]) (row \(rowsBefore + row + 1))"
    }
}
