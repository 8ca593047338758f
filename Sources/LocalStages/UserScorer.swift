import CTRModels
import FineTuning
import LabelCorrection
import Samples
import UserPartition

/// Tunes and scores one user after the other on one thread: all arms, with the same shuffles.
struct UserScorer: Sendable {
    /// What is the same for all users and threads.
    struct Work: Sendable {
        let cloud: CTRModel
        let features: ModelFeatures
        let settings: FineTuningSettings
        let plan: TuningPlan
        let globalCTR: GlobalCTR
        let itemMean: ItemMean?
        /// Nil where the store has nobody held out, and the schema does not mark it.
        let heldOut: HeldOutUsers?
        let schema: PredictionSchema
    }

    private let work: Work
    /// Nil where no arm needs a model.
    private var models: UserModels?
    private var seen = SeenItems()

    init(_ work: Work, _ extras: UserExtras) {
        self.work = work
        let needsModel = work.plan.needsCloud || !work.plan.tunings.isEmpty
        models =
            needsModel
            ? UserModels(work.cloud, work.settings, work.plan, work.globalCTR, extras) : nil
    }

    /// A batch as the model reads it; nil where no model does. Throws `data` for lists that cannot be histories.
    func samples(of batch: SampleBatch) throws(StageError) -> ModelInput? {
        guard models != nil else { return nil }
        try work.features.checkHistories(of: batch)
        return work.features.input(batch, rows: 0..<batch.count)
    }

    /// Appends the predictions for one user's validation and test samples.
    ///
    /// - Parameters:
    ///   - rows: the user's rows in `batch`, whole.
    ///   - samples: what `samples(of:)` made of the batch.
    mutating func score(
        _ rows: Range<Int>, of batch: SampleBatch, _ parts: [Part], _ samples: ModelInput?,
        into predictions: inout PredictionBatch
    ) throws(StageError) -> UserResult {
        let user = try work.user(rows, of: batch, parts)
        guard !user.parts.scored.isEmpty else { return UserResult(user, work.unscored(.withoutEvaluation)) }
        let reason = work.reasonNotToTune(user.known)
        var scores = UserScores(outcome: reason ?? .tuned)
        if let samples {
            do throws(FineTuningError) {
                if let made = try models?.scores(of: user, labels: batch.labels, samples: samples, notTunedFor: reason)
                {
                    scores = made
                }
            } catch {
                return UserResult(user, work.unscored(.notFinite))
            }
        }
        append(user, scores, batch, parts, to: &predictions)
        return UserResult(user, scores)
    }

    // MARK: Parts

    private mutating func append(
        _ user: LocalUser, _ scores: UserScores, _ batch: SampleBatch, _ parts: [Part],
        to predictions: inout PredictionBatch
    ) {
        let scored = user.parts.scored
        if let groups = batch.groups {
            if predictions.groups == nil { predictions.groups = [] }
            predictions.groups?.append(contentsOf: groups[scored])
        }
        predictions.users.append(contentsOf: scored, of: batch.users)
        predictions.times.append(contentsOf: batch.times[scored])
        predictions.labels.append(contentsOf: batch.labels[scored])
        predictions.parts.append(contentsOf: parts[scored])
        func append<Value>(_ value: Value, to column: inout [Value]) {
            column.append(contentsOf: repeatElement(value, count: scored.count))
        }
        append(UInt32(clamping: user.train.samples), to: &predictions.trainSamples)
        append(UInt32(clamping: user.train.positives), to: &predictions.trainPositives)
        append(scores.isKept, to: &predictions.kept)
        if let heldOut = work.heldOut {
            let isHeldOut = heldOut.contains(batch.users[scored.lowerBound])
            predictions.heldOut?.append(contentsOf: repeatElement(isHeldOut, count: scored.count))
        }
        if let items = batch.items {
            seen.assign(items[user.parts.train])
            predictions.items.append(contentsOf: items[scored])
            for item in items[scored] { predictions.itemSeen.append(seen.contains(item)) }
        } else {
            append(0, to: &predictions.items)
            append(false, to: &predictions.itemSeen)
        }
        for (column, source) in work.plan.columns.enumerated() {
            appendLogits(source, user, scores, batch, to: &predictions.logits[column])
        }
    }

    /// One arm's logits.
    private func appendLogits(
        _ column: TuningPlan.Column, _ user: LocalUser, _ scores: UserScores, _ batch: SampleBatch,
        to logits: inout [Double]
    ) {
        let tuning: Int?
        switch column.source {
        case .itemMean:
            guard let itemMean = work.itemMean, let items = batch.items else {
                preconditionFailure("a stage with the arm item_mean has items")
            }
            for item in items[user.parts.scored] { logits.append(itemMean.logit(item)) }
            return
        case .cloud: tuning = nil
        case .tuned(let index): tuning = index
        case .gated: tuning = scores.isKept ? work.plan.gated : nil
        }
        let tuned = tuning.flatMap { scores.tuned[$0] }
        guard let model = tuned ?? scores.cloud else {
            preconditionFailure("a user without tuned weights has the cloud's")
        }
        var shift = 0.0
        if column.isRestored {
            let correction = tuned == nil ? nil : tuning.flatMap { work.plan.tunings[$0].correction }
            let p = work.globalCTR
            let learnt = (model.learnt ?? []).map(Double.init)
            shift = work.settings.restoration.shift(
                user.known, globalCTR: p, meanLabel: correction?.trainedCTR(user.known, globalCTR: p) ?? p.value,
                trainLogits: learnt.span)
        }
        for logit in model.scored { logits.append(Double(logit) + shift) }
    }
}

extension UserScorer.Work {
    /// The user whose rows in `batch` are `rows`. Throws `data` if the parts do not follow each other.
    fileprivate func user(_ rows: Range<Int>, of batch: SampleBatch, _ partOfRow: [Part]) throws(StageError)
        -> LocalUser
    {
        let key = batch.users[rows.lowerBound]
        let parts = try UserParts(rows, partOfRow, user: key)
        let learnt = parts.train.suffix(settings.mostSamples ?? parts.train.count)
        let train = ClickCounts(labels: batch.labels[parts.train])
        var seeds = SplitMix64(seed: schema.seed, name: key.description)
        return LocalUser(
            parts: parts, learnt: learnt, train: train,
            known: learnt == parts.train ? train : ClickCounts(labels: batch.labels[learnt]), seed: seeds.next())
    }

    /// Why a user of such counts is not tuned; nil if it is.
    fileprivate func reasonNotToTune(_ known: ClickCounts) -> UserOutcome? {
        if plan.tunings.isEmpty { return .untuned }
        if known.samples == 0 { return .withoutTrain }
        if known.samples < settings.fewestSamples { return .fewSamples }
        return known.isSingleClass && settings.singleClass == .skip ? .singleClass : nil
    }

    /// A user who is not in the predictions.
    fileprivate func unscored(_ outcome: UserOutcome) -> UserScores {
        UserScores(
            outcome: outcome,
            gate: plan.gated.map { _ in GateDecision(keeps: false, reason: .notTuned) })
    }
}
