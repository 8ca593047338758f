import CloudTraining
import Evaluation
import LocalStages
import LogIngest
import Samples
import UserPartition

extension PipelineFindings {
    /// What in these findings a person should know before a run.
    func warnings(of pipeline: Pipeline, file: String) -> [PipelineWarning] {
        func place(_ setting: String) -> SourcePosition {
            pipeline.settings.first { $0.path == setting }?.origin.position ?? SourcePosition(file: file)
        }
        var found: [PipelineWarning] = []
        func warn(_ setting: String, _ message: String, _ advice: String? = nil) {
            found.append(PipelineWarning(position: place(setting), message: message, advice: advice))
        }
        for source in settings.sources where !sources.contains(where: { $0.name == source.name }) {
            warn(
                "ingest.sources.\(source.name).path", "no feature is joined from `\(source.name)`, so it is not read")
        }
        if pipeline.restoresPriors, let feature = pipeline.userFeature {
            warn(
                feature.setting,
                "`\(feature.name)` is the user, and the arms restore priors: a model that knows the "
                    + "user may know the user's level, which is then added twice", "leave it out of `train.features`")
        }
        guard tally.samples > 0 else {
            if progress.rowsRead == 0 {
                warn("ingest.sources.\(settings.log).path", "the log holds no rows")
            } else {
                warn(suspect, "none of \(rowsText) makes a sample", rejects.kinds.first?.examples.first?.reason)
            }
            return found
        }
        if pipeline.partition.negatives == nil {
            warnOfLabels(warn)
        } else {
            warn(
                "partition.negatives.per_positive",
                "a fixed number of drawn negatives for each positive gives every user the same local CTR: no drift, hence "
                    + "nothing to correct", "take the samples that were shown instead, where the log has them")
            if tally.positives < tally.samples {
                warn(
                    "partition.negatives.per_positive",
                    "the log holds negatives of its own: \(tally.samples - tally.positives) of \(tally.samples) samples",
                    nil)
            }
        }
        warnOfTimes(warn)
        warnOfFeatures(warn)
        return found
    }

    /// The setting behind the first bad rows.
    private var suspect: String {
        switch rejects.kinds.first?.column {
        case settings.roles.user: "ingest.user_kind"
        case settings.roles.time.column: "ingest.time_format"
        case let column? where settings.roles.label.columns.contains(column): labelSetting
        default: "ingest.sources.\(settings.log).path"
        }
    }

    /// The setting that says what the label is.
    private var labelSetting: String {
        switch settings.roles.label {
        case .comparison, .membership, .zeroOne: "ingest.label"
        case .pairs: "ingest.impressions.column"
        case .clicks: "ingest.clicks.source"
        }
    }

    /// The setting that says what the item is.
    private var itemSetting: String { settings.roles.item == nil ? labelSetting : "ingest.item" }

    /// What a person can look at where every label is 0.
    private var withoutPositivesAdvice: String? {
        if let clicks = settings.roles.label.clickLog {
            return "do the log and `\(clicks.source)` hold the same keys, written the same way?"
        }
        guard let column = settings.roles.label.ownColumn, labelTexts != nil else { return nil }
        return "`\(column)` holds \(labelTextsText)"
    }

    private typealias Warn = (_ setting: String, _ message: String, _ advice: String?) -> Void

    /// Labels, and what drift they leave.
    private func warnOfLabels(_ warn: Warn) {
        let share = FixedPoint.text(Double(tally.positives) / Double(tally.samples))
        if tally.positives == 0 || tally.positives == tally.samples {
            let label = tally.positives == 0 ? 0 : 1
            warn(
                labelSetting, "every label is \(label), by the rule `\(settings.roles.label)`",
                label == 0
                    ? withoutPositivesAdvice
                    : "a log of positives alone needs negatives: rows that were shown and not clicked, or drawn ones by "
                        + "`partition.negatives`")
        }
        if tally.users.count > 1 || tally.samples > 1, tally.users.values.allSatisfy({ $0.samples == 1 }) {
            warn("ingest.user", "no user has two samples: there is nothing to tune on and nothing to rank", nil)
            return
        }
        let spread = tally.spread
        let range = spread.range.map { "\(FixedPoint.text($0.lowerBound)) to \(FixedPoint.text($0.upperBound))" } ?? ""
        switch spread.verdict {
        case .fixedRatio:
            warn(
                labelSetting,
                "users' local CTRs are more alike than chance makes them (\(range) over \(spread.users) users, \(share) "
                    + "over all): a fixed ratio of negatives leaves no drift, hence nothing to correct",
                "take the samples that were shown instead of drawn negatives")
        case .chance:
            warn(
                labelSetting,
                "users' local CTRs lie no further apart than chance makes them (\(range) over \(spread.users) users): "
                    + "in these rows there is no drift to correct", nil)
        case .drift, .undecided: break
        }
    }

    private func warnOfTimes(_ warn: Warn) {
        guard let times = tally.times, tally.samples > 1 else { return }
        let withSeveral = tally.users.values.filter { $0.samples > 1 }
        if times.lowerBound == times.upperBound {
            warn("ingest.time", "every time is \(ShownText.time(times.lowerBound)): nothing can be split by time", nil)
        } else if !withSeveral.isEmpty, withSeveral.allSatisfy({ !$0.hasSeveralTimes }) {
            warn(
                "ingest.time",
                "each user's samples are all of one time, and samples of one time stand in one part: "
                    + "no user has both train and test samples", nil)
        }
        if settings.roles.time.format == .unixMilliseconds && times.upperBound < Self.tenYears {
            warn(
                "ingest.time_format", "the latest time is \(ShownText.time(times.upperBound))",
                "are these seconds, not milliseconds?")
        }
        if settings.roles.time.format == .unixSeconds && times.lowerBound > Self.year2200 {
            warn(
                "ingest.time_format", "the first time is \(ShownText.time(times.lowerBound))",
                "are these milliseconds, not seconds?")
        }
    }

    private func warnOfFeatures(_ warn: Warn) {
        var toldJoins: Set<IngestSettings.FeatureSetting.Join> = []
        for (index, feature) in settings.schema.features.enumerated() where index < tally.features.count {
            let values = tally.features[index]
            let isItem = settings.schema.item == index
            let setting = settings.features.first { $0.name == feature.name }
            let place = isItem ? itemSetting : "ingest.features.\(feature.name)"
            let column = isItem ? place : place + ".column"
            if let join = isItem ? nil : setting?.join, joinMisses[feature.name] == tally.samples {
                guard toldJoins.insert(join).inserted else { continue }
                warn(
                    "\(place).join.on", "`\(join.on)` finds nothing in `\(join.source)`: no row has a partner there",
                    "does `\(join.key)` hold the same keys, written the same way?")
            } else if feature.kind != .dense && values.without == tally.samples {
                warn(column, "`\(feature.name)` is empty in every sample", nil)
            } else if tally.samples >= Self.many && values.isConstant(of: tally.samples) {
                warn(column, "`\(feature.name)` is the same in every sample", nil)
            } else if feature.kind == .multivalued && setting?.join?.rows != .many && values.longestList == 1
                && tally.samples >= Self.many
            {
                warn("\(place).separator", "`\(feature.name)` has no sample with two values", "is that its separator?")
            }
        }
    }

    /// Samples from which on something that never varies, or never happens, is told.
    private static let many = 100
    private static let tenYears: Int64 = 315_532_800_000
    private static let year2200: Int64 = 7_258_118_400_000
}

extension HeadTally.Feature {
    fileprivate func isConstant(of samples: Int) -> Bool {
        if let numbers { return numbers.lowerBound == numbers.upperBound }
        return ids.count == 1 && without == 0
    }
}

extension Pipeline {
    fileprivate var restoresPriors: Bool {
        finetune.arms.contains { $0 == .cloudPrior || $0 == .correctedPrior }
    }

    /// A feature that is the user's key itself and that the model sees.
    fileprivate var userFeature: (name: String, setting: String)? {
        guard let ingest else { return nil }
        let seen: (String) -> Bool = { [train] name in train.features?.contains(name) ?? true }
        if ingest.roles.item == ingest.roles.user && seen("item") { return ("item", "ingest.item") }
        return ingest.features.first { $0.join == nil && $0.column == ingest.roles.user && seen($0.name) }
            .map { ($0.name, "ingest.features.\($0.name).column") }
    }
}
