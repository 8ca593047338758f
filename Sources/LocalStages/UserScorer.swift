import CTRModels
import FineTuning
import LabelCorrection
import Samples

/// Tunes and scores one user at a time: all arms, with the same shuffles.
struct UserScorer: Sendable {
    let cloud: CTRModel
    let features: ModelFeatures
    let settings: FineTuningSettings
    let globalCTR: GlobalCTR
    let itemMean: ItemMean?
    let schema: PredictionSchema

    /// Appends the predictions for one user's validation and test samples.
    ///
    /// - Parameters:
    ///   - rows: the user's rows in `batch`, whole.
    ///   - corrected: corrected labels of the batch.
    func score(
        _ rows: Range<Int>, of batch: SampleBatch, parts: [Part], corrected: [Float],
        into predictions: inout PredictionBatch
    ) throws(StageError) -> UserOutcome {
        let user = batch.users[rows.lowerBound]
        let train = try rows.trainRows(parts, user: user)
        let scored = train.upperBound..<rows.upperBound
        guard !scored.isEmpty else { return .withoutEvaluation }

        let counts = ClickCounts(labels: batch.labels[train])
        let cloudLogits: [Double]
        var tuned: (raw: [Double], corrected: [Double])?
        let outcome: UserOutcome
        var tuner = LocalTuner(cloud: cloud, schedule: settings.schedule)
        tuner.begin(features.input(batch, rows: rows))
        let scoredRows = (scored.lowerBound - rows.lowerBound)..<rows.count
        do throws(FineTuningError) {
            cloudLogits = try tuner.logits(scoredRows).map(Double.init)
        } catch {
            throw StageError(.data, "user \(user): the cloud model's own logits are not finite")
        }
        if !settings.arms.contains(where: \.isTuned) {
            outcome = .untuned
        } else if counts.samples == 0 {
            outcome = .withoutTrain
        } else if counts.isSingleClass && settings.singleClass == .skip {
            outcome = .singleClass
        } else {
            do throws(FineTuningError) {
                tuned = try tune(
                    &tuner, user: user, train: 0..<train.count, scored: scoredRows,
                    raw: Array(batch.labels[rows]), corrected: Array(corrected[rows]))
                outcome = .tuned
            } catch {
                outcome = .diverged
            }
        }

        let offset = settings.restoration.offset(counts, globalCTR: globalCTR, meanLabel: globalCTR.value)
        let items = batch.items
        let seen = items.map { Set($0[train]) } ?? []
        if let groups = batch.groups {
            if predictions.groups == nil { predictions.groups = [] }
            predictions.groups?.append(contentsOf: groups[scored])
        }
        for (index, row) in scored.enumerated() {
            let item = items?[row] ?? 0
            predictions.users.append(row, of: batch.users)
            predictions.times.append(batch.times[row])
            predictions.labels.append(batch.labels[row])
            predictions.parts.append(parts[row])
            predictions.items.append(item)
            predictions.trainSamples.append(UInt32(clamping: counts.samples))
            predictions.trainPositives.append(UInt32(clamping: counts.positives))
            predictions.itemSeen.append(item > 0 && seen.contains(item))
            predictions.kept.append(tuned != nil)
            for (column, arm) in settings.arms.enumerated() {
                let logit =
                    switch arm {
                    case .itemMean: itemMean?.logit(item) ?? 0
                    case .cloud: cloudLogits[index]
                    case .cloudPrior: cloudLogits[index] + offset
                    case .finetuned: tuned?.raw[index] ?? cloudLogits[index]
                    case .corrected: tuned?.corrected[index] ?? cloudLogits[index]
                    case .correctedPrior: (tuned?.corrected[index] ?? cloudLogits[index]) + offset
                    }
                predictions.logits[column].append(logit)
            }
        }
        return outcome
    }

    /// The scored rows' logits after tuning on raw and on corrected labels, from the same start, with the same shuffles.
    private func tune(
        _ tuner: inout LocalTuner, user: UserKey, train: Range<Int>, scored: Range<Int>, raw: [Float],
        corrected: [Float]
    ) throws(FineTuningError) -> (raw: [Double], corrected: [Double]) {
        var seeds = SplitMix64(seed: schema.seed, name: user.description)
        let seed = seeds.next()
        func logits(_ labels: [Float], for arms: [Arm]) throws(FineTuningError) -> [Double] {
            guard !Set(arms).isDisjoint(with: settings.arms) else { return [Double](repeating: 0, count: scored.count) }
            tuner.restart()
            try tuner.tune(on: train, LocalTargets(labels: labels), seed: seed)
            return try tuner.logits(scored).map(Double.init)
        }
        return (
            try logits(raw, for: [.finetuned]), try logits(corrected, for: [.corrected, .correctedPrior])
        )
    }
}
