extension StudyPage {
    // MARK: Head

    var head: [String] {
        let sets = results.dataSets.map { set in
            "\(Self.escaped(set.about.title)) (\(count(set.models.count, "model")), "
                + "\(count(corrections(of: set), "way")) of correcting)"
        }
        var lines = [
            "# Does fine-tuning on devices help ranking, and does label correction?", "",
            "Written by `plumb study` from its results: every number below is computed, none is typed.", "",
            "\(count(results.dataSets.count, "data set")): \(sets.joined(separator: "; ")). "
                + "\(count(results.schedules.count, "local schedule")), \(count(results.seeds.count, "seed")). "
                + "The measure is GAUC: each user's own AUC on the test part, averaged by samples. Every arm is held against the others "
                + "at the local schedule that *validation* chose for it; test chooses nothing.",
        ]
        for left in results.leftOut {
            lines += [
                "", "**Left out: \(Self.escaped(left.about.title)).** Its log is not there: \(code(left.file)).",
            ]
        }
        return lines
    }

    /// `1 seed`, `3 seeds`.
    private func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    private func corrections(of set: StudyDataSet) -> Int {
        let arms = set.models.first?.best.arms.map(\.name) ?? []
        return (["corrected"] + results.corrections.dropFirst().map { "corrected_\($0)" }).count(where: arms.contains)
    }

    // MARK: In short

    /// A word on each data set, which are never added up: one may be synthetic, or a log that another has, too.
    private func eachSet(_ text: (Int) -> String) -> String {
        results.dataSets.indices.map { "\(Self.escaped(results.dataSets[$0].about.title)): \(text($0))" }
            .joined(separator: "; ") + "."
    }

    var shortAnswers: [String] {
        [
            "## In short", "",
            "Of each data set by itself, the number of its models in which a difference is sure, each arm at its chosen schedule.",
            "",
            "- **Does drift exist?** Standard deviation of users' true local CTRs, what chance adds being taken away: "
                + eachSet { set in
                    let drift = results.dataSets[set].drift
                    let spread = FixedPoint.text(drift.trueSD, decimals: 2)
                    return drift.isBeyondChance ? "\(spread), beyond chance" : "\(spread), no more than chance"
                },
            "- **How good are the cloud models?** Those that rank better than the smoothed item mean, the floor; what tuning gains on others "
                + "may be no more than repair: " + eachSet { "\(above($0)) of \(results.dataSets[$0].models.count)" },
            "- **Does fine-tuning on raw labels hurt ranking?** Against the cloud model it is, on "
                + eachSet { "\(tally(StudyFinding.raw, in: $0))" },
            "- **Does label correction help?** Against the cloud model fine-tuning on corrected labels is, on "
                + eachSet { "\(tally(StudyFinding.corrected, in: $0))" }
                + " Against fine-tuning on raw labels it is, on "
                + eachSet { "\(tally(StudyFinding.correction, in: $0))" },
            "- **At which local budget?** The schedule that gains most on validation, mean over the models, and what it gains on test: "
                + eachSet { set in
                    [StudyFinding.raw, StudyFinding.corrected].map { pair in budget(pair.a, in: set) }
                        .joined(separator: ", ")
                },
            "- **For whom?** Slices by drift in which correction is surely ahead of raw labels, or behind, in a model or more: "
                + eachSet(audience),
            "- **Can validation decide whether to tune?** \(validationRecord)",
            "- **What does prior restoration add?** No user's order changes, so GAUC stays. Pooled AUC of `cloud_prior` against `cloud`: "
                + eachSet { set in restoration("cloud", .auc, in: set) } + " Of `corrected_prior` against `corrected`: "
                + eachSet { set in restoration("corrected", .auc, in: set) },
        ]
    }

    /// The schedule with an arm's best mean gain on validation over all models, and its gain on test.
    private func budget(_ arm: String, in set: Int) -> String {
        let means = results.schedules.compactMap { schedule -> (StudyResults.Schedule, Double)? in
            let gains = results.dataSets[set].models.compactMap { model -> Double? in
                guard let found = model.schedules.first(where: { $0.name == schedule.name }),
                    let own = found.validationGAUC(arm)?.mean, let cloud = found.validationGAUC("cloud")?.mean
                else { return nil }
                return own - cloud
            }
            return Self.mean(gains).map { (schedule, $0) }
        }
        guard let best = means.max(by: { $0.1 < $1.1 }) else { return "\(arm) none" }
        let test = Self.mean(gains(ArmPair(a: arm, b: "cloud"), best.0.name, in: set).compactMap(\.mean))
        let advice = best.1 > 0 ? "" : ", with no gain on validation"
        return "\(code(arm)) \(best.0.title)\(advice) (\(FixedPoint.signedText(test)))"
    }

    private func audience(_ set: Int) -> String {
        let found = slices(by: "drift", in: set).compactMap { slice -> String? in
            let comparisons = gains(StudyFinding.correction, slice, in: set)
            let tally = VerdictTally(comparisons.map(\.verdict))
            guard tally.better + tally.worse > 0 else { return nil }
            let mean = FixedPoint.signedText(Self.mean(comparisons.compactMap(\.difference)))
            return "\(slice.name) (\(tally.better) better, \(tally.worse) worse, mean \(mean))"
        }
        return found.isEmpty ? "none" : found.joined(separator: ", ")
    }

    /// How often validation's advice, to tune or not, was what test would have said.
    private var validationRecord: String {
        var (advised, gained, dissuaded, spared) = (0, 0, 0, 0)
        for model in results.dataSets.flatMap(\.models) {
            for choice in model.choices where ["finetuned", "corrected"].contains(choice.arm) {
                let pair = ArmPair(a: choice.arm, b: "cloud")
                guard let gain = model.best.comparison(pair, .gauc)?.difference.mean else { continue }
                if choice.gain > 0 {
                    advised += 1
                    gained += gain > 0 ? 1 : 0
                } else {
                    dissuaded += 1
                    spared += gain <= 0 ? 1 : 0
                }
            }
        }
        return
            "Of \(advised + dissuaded) choices (raw or corrected labels, model, data set) the best schedule gained something on "
            + "validation in \(advised), of which \(gained) have a gain on test, too, however small; of the other \(dissuaded), "
            + "\(spared) have none."
    }

    /// What a restored prior changes: the mean over the models, and in how many it is sure.
    func restoration(_ arm: String, _ metric: Metric, in set: Int) -> String {
        let found = results.dataSets[set].models.compactMap {
            $0.best.comparison(ArmPair(a: "\(arm)_prior", b: arm), metric)
        }
        let mean = FixedPoint.signedText(Self.mean(found.compactMap(\.difference.mean)))
        return "\(mean) (\(VerdictTally(found.map(\.verdict))))"
    }

    // MARK: The abstract

    /// Names of the data sets for which something holds.
    private func names(where holds: (Int) -> Bool) -> String {
        let found = results.dataSets.indices.filter(holds).map { Self.escaped(results.dataSets[$0].about.title) }
        return found.isEmpty ? "no data set" : found.joined(separator: ", ")
    }

    /// What a statement comes to, data set by data set.
    private func verdict(_ pair: ArmPair) -> String {
        "Surely so in more models than surely not: \(names { tally(pair, in: $0).better > tally(pair, in: $0).worse }). "
            + "The other way round: \(names { tally(pair, in: $0).worse > tally(pair, in: $0).better }). "
            + "In most models of a data set: \(names { tally(pair, in: $0).better * 2 > tally(pair, in: $0).count })."
    }

    var abstractSection: [String] {
        let everySchedule = eachSet { set in
            let verdicts = results.dataSets[set].models.flatMap { model in
                model.schedules.compactMap { $0.test.comparison(StudyFinding.raw, .gauc)?.verdict }
            }
            return "\(VerdictTally(verdicts))"
        }
        return [
            "## Where this differs from the paper's abstract", "",
            "The paper is *On-Device Model Fine-Tuning with Label Correction in Recommender Systems* (arXiv 2211.01163). Its abstract is all "
                + "that these lines are held against; its data, models and schedules are others. Sure is what the tables above set in "
                + "strong letters; what is within noise speaks neither for the abstract nor against it.", "",
            "- *Local CTRs drift from the global one.* Beyond chance: \(names { results.dataSets[$0].drift.isBeyondChance }).",
            "- *Fine-tuning on such labels can hurt ranking.* At the chosen schedules it surely does in a model or more: "
                + "\(names { tally(StudyFinding.raw, in: $0).worse > 0 }); it surely helps in one or more: "
                + "\(names { tally(StudyFinding.raw, in: $0).better > 0 }). Over all pairs of models and schedules, chosen or not, raw "
                + "labels are, on \(everySchedule)",
            "- *Corrected labels are better than no fine-tuning.* \(verdict(StudyFinding.corrected))",
            "- *Corrected labels are better than raw ones.* \(verdict(StudyFinding.correction))",
        ]
    }

    // MARK: Method

    var methodSection: [String] {
        let schedules = results.schedules.map(\.title).joined(separator: "; ")
        return [
            "## How it was done", "",
            "- One store a data set; one cloud model a model and seed, trained on train parts, its pass chosen on validation; every user then "
                + "tuned on the train part alone, from that same cloud model, once for each schedule and way of labelling, with the same "
                + "shuffles.",
            "- Schedules: \(schedules). Batches of \(Set(results.schedules.map(\.batchSize)).sorted().map(String.init).joined(separator: ", ")). "
                + "For each arm the one with the best mean GAUC on validation, over the seeds.",
            "- Ways of correcting: \(results.corrections.map(code).joined(separator: ", ")); `corrected` is the first.",
            "- Users who are not tuned, for want of samples or of a second class in train, keep the cloud model and count as no difference. "
                + "So do users whose tuning diverges, whom the tables of schedules count. Users with one class in test have no AUC and are "
                + "left out of GAUC.",
            "- Seeds \(results.seeds.map(String.init).joined(separator: ", ")). An interval over users says what other users would give with "
                + "these cloud models; \(results.seeds.count) of them say little of others.",
            "- Nothing was chosen but the local schedule: this ranks no models.",
            "- The study's folder holds every number in `study.json`, with each seed's.",
        ]
    }
}
