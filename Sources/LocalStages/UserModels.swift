import CTRModels
import FineTuning
import LabelCorrection

/// The cloud model and its tuned copies, for one user after the other on one thread. Its memory is used again.
struct UserModels: Sendable {
    private let settings: FineTuningSettings
    private let plan: TuningPlan
    private let globalCTR: GlobalCTR
    private let extras: UserExtras
    private var tuner: LocalTuner

    init(
        _ cloud: CTRModel, _ settings: FineTuningSettings, _ plan: TuningPlan, _ globalCTR: GlobalCTR,
        _ extras: UserExtras
    ) {
        self.settings = settings
        self.plan = plan
        self.globalCTR = globalCTR
        self.extras = extras
        tuner = LocalTuner(cloud: cloud, schedule: settings.schedule)
    }

    /// Tunes and scores one user. Throws `diverged` where the cloud model's own logits are not finite, though they are needed.
    ///
    /// - Parameters:
    ///   - labels: the raw labels of a batch that holds the user.
    ///   - samples: the same batch as the model reads it.
    ///   - reason: why the user is not to be tuned; nil if the user is.
    mutating func scores(
        of user: LocalUser, labels: [Float], samples: ModelInput, notTunedFor reason: UserOutcome?
    ) throws(FineTuningError) -> UserScores {
        tuner.begin(samples, rows: user.rows)
        var scores = UserScores(outcome: reason ?? .tuned)
        if plan.needsCloud || reason != nil { scores.cloud = try cloudLogits(user, isTuned: reason == nil) }
        guard reason == nil else {
            scores.tuned = plan.tunings.map { _ in nil }
            if plan.gated != nil { scores.gate = GateDecision(keeps: false, reason: .notTuned) }
            return scores
        }
        for index in plan.tunings.indices {
            guard let targets = targets(of: user, labels, plan.tunings[index].correction) else {
                scores.tuned.append(nil)
                if extras.measuresLosses { scores.losses.append(nil) }
                if scores.outcome == .tuned { scores.outcome = .undefinedCorrection }
                continue
            }
            do throws(FineTuningError) {
                scores.tuned.append(try tuned(user, targets, index))
                if extras.keepsOverlays && index == plan.kept { scores.overlay = Overlay(of: tuner).safetensors() }
            } catch {
                scores.tuned.append(nil)
                scores.diverged.append(index)
                scores.outcome = .diverged
            }
            if extras.measuresLosses { addLosses(user, targets, to: &scores) }
        }
        if scores.cloud == nil && scores.tuned.contains(where: { $0 == nil }) {
            tuner.restart()
            scores.cloud = try cloudLogits(user, isTuned: false)
        }
        if let gated = plan.gated {
            let gate = decision(user, labels, gated, scores)
            scores.gate = gate
            if !gate.keeps { scores.overlay = nil }
        }
        return scores
    }

    // MARK: Parts

    /// The logits of the overlay as it is.
    private mutating func logits(_ user: LocalUser, learnt needsLearnt: Bool) throws(FineTuningError) -> UserLogits {
        // Train samples only help to restore a level or to decide: without them there is another way to.
        let learnt = needsLearnt ? try? tuner.logits(user.learntPlaces) : nil
        return UserLogits(learnt: learnt, scored: try tuner.logits(user.scoredPlaces))
    }

    /// The logits of the cloud's weights, which the overlay holds.
    private mutating func cloudLogits(_ user: LocalUser, isTuned: Bool) throws(FineTuningError) -> UserLogits {
        let isMatched = settings.restoration.rule == .match && plan.columns.contains(where: \.isRestored)
        return try logits(user, learnt: isMatched || (isTuned && plan.gated != nil))
    }

    /// The logits after one tuning, from the cloud's weights on.
    private mutating func tuned(
        _ user: LocalUser, _ targets: LocalTargets, _ index: Int
    ) throws(FineTuningError) -> UserLogits {
        // The first one finds the cloud's weights as `begin` left them.
        if index > 0 { tuner.restart() }
        try tuner.tune(on: user.learntPlaces, targets, seed: user.seed)
        let isMatched = settings.restoration.rule == .match && plan.isRestored(index)
        return try logits(user, learnt: isMatched || plan.gated == index)
    }

    /// What one tuning learns from; nil where the correction is not defined for the user. Labels that are not learnt from are
    /// not looked at.
    private func targets(of user: LocalUser, _ labels: [Float], _ correction: Correction?) -> LocalTargets? {
        var learnt = Array(labels[user.learnt])
        var targets = LocalTargets(labels: [])
        if let correction {
            guard correction.isDefined(for: user.known) else { return nil }
            if let weights = correction.classWeights(user.known, globalCTR: globalCTR) {
                let (positive, negative) = (Float(weights.positive), Float(weights.negative))
                targets.weights = learnt.map { $0 > 0.5 ? positive : negative }
                targets.weights?.append(contentsOf: repeatElement(0, count: user.scoredPlaces.count))
            }
            targets.logitOffset = Float(correction.trainingOffset(user.known, globalCTR: globalCTR))
            correction.correct(&learnt, to: globalCTR)
        }
        learnt.append(contentsOf: repeatElement(0, count: user.scoredPlaces.count))
        targets.labels = learnt
        return targets
    }

    /// Adds the losses of the last tuning, whose weights the overlay holds unless it diverged. Losses of the cloud's weights
    /// that are not finite are nil, too.
    private mutating func addLosses(_ user: LocalUser, _ targets: LocalTargets, to scores: inout UserScores) {
        scores.losses.append(nil)
        guard case .some(.some) = scores.tuned.last, let after = try? tuner.logits(user.learntPlaces) else { return }
        tuner.restart()
        guard let before = try? tuner.logits(user.learntPlaces) else { return }
        scores.losses[scores.losses.count - 1] = TuningLosses(
            before: targets.loss(of: before[...]), after: targets.loss(of: after[...]))
    }

    /// What the gate says of one tuning.
    private func decision(_ user: LocalUser, _ labels: [Float], _ index: Int, _ scores: UserScores) -> GateDecision {
        guard let tuned = scores.tuned[index], let tunedLearnt = tuned.learnt,
            let cloud = scores.cloud, let cloudLearnt = cloud.learnt
        else {
            return GateDecision(keeps: false, reason: scores.diverged.contains(index) ? .diverged : .notTuned)
        }
        let validation = user.parts.validation.count
        return settings.gate.decide(
            user.known, globalCTR: globalCTR,
            cloud: .init(train: cloudLearnt[...], validation: cloud.scored.prefix(validation)),
            tuned: .init(train: tunedLearnt[...], validation: tuned.scored.prefix(validation)),
            labels: labels[user.parts.validation])
    }
}
