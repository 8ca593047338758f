extension StudyPage {
    // MARK: Head

    var head: [String] {
        let names = results.dataSets.map { $0.about.title }.joined(separator: "; ")
        let models = Set(results.dataSets.flatMap { $0.models.map(\.name) }).count
        var lines = [
            "# Does fine-tuning on devices help ranking, and does label correction?", "",
            "Written by `plumb study` from its results: every number below is computed, none is typed.", "",
            "\(results.dataSets.count) data sets (\(Self.escaped(names))), \(models) models, "
                + "\(results.schedules.count) local schedules, \(results.corrections.count) ways of correcting labels, "
                + "\(results.seeds.count) seeds. The measure is GAUC: each user's own AUC on the test part, averaged by samples. "
                + "Every arm is held against the others at the local schedule that *validation* chose for it; test chooses nothing.",
        ]
        for left in results.leftOut {
            lines += [
                "", "**Left out: \(Self.escaped(left.about.title)).** Its log is not there: \(code(left.file)).",
            ]
        }
        return lines
    }

    // MARK: In short

    var shortAnswers: [String] {
        let (raw, corrected, both) = (
            tally(StudyFinding.raw), tally(StudyFinding.corrected), tally(StudyFinding.correction)
        )
        let drifting = results.dataSets.filter(\.drift.isBeyondChance)
        let spread = results.dataSets.map(\.drift.trueSD)
        let priors = restorationGains
        return [
            "## In short", "",
            "- **Does drift exist?** On \(drifting.count) of \(results.dataSets.count) data sets users lie further apart than chance "
                + "puts them; the standard deviation of their true local CTR is "
                + "\(FixedPoint.text(spread.min(), decimals: 2)) to \(FixedPoint.text(spread.max(), decimals: 2)).",
            "- **Does fine-tuning on raw labels hurt ranking?** Against the cloud model it is \(raw) (model, data set) pairs.",
            "- **Does label correction help?** Against the cloud model fine-tuning on corrected labels is \(corrected); against "
                + "fine-tuning on raw labels it is \(both).",
            "- **At which local budget?** \(bestBudgets)",
            "- **For whom?** \(bestAudience)",
            "- **Can validation decide whether to tune?** \(validationRecord)",
            "- **What does prior restoration add?** No user's order changes, so GAUC stays. Pooled AUC of the cloud model changes by "
                + "\(priors.auc), log loss by \(priors.logLoss).",
        ]
    }

    private var bestBudgets: String {
        results.dataSets.enumerated().map { place, set in
            let arms = [StudyFinding.raw, StudyFinding.corrected].map { pair -> String in
                let means = results.schedules.map { Self.mean(gains(pair, $0.name, in: place).compactMap(\.mean)) ?? 0 }
                guard let best = means.indices.max(by: { means[$0] < means[$1] }) else { return "" }
                return
                    "\(pair.a) gains most by \(results.schedules[best].title) (\(FixedPoint.signedText(means[best])))"
            }
            return "\(Self.escaped(set.about.title)): \(arms.joined(separator: ", "))"
        }.joined(separator: "; ") + ". Means over the models, on test."
    }

    private var bestAudience: String {
        results.dataSets.indices.map { place in
            let title = Self.escaped(results.dataSets[place].about.title)
            let means = slices(by: "drift", in: place).map { slice in
                (slice.name, Self.mean(gains(StudyFinding.correction, slice, in: place).compactMap(\.difference)))
            }
            guard let best = means.max(by: { $0.1 ?? -.infinity < $1.1 ?? -.infinity }) else { return "\(title): n/a" }
            return
                "\(title): correction is most ahead of raw labels at a drift of \(best.0) (\(FixedPoint.signedText(best.1)))"
        }.joined(separator: "; ") + ". Means over the models, each arm at its chosen schedule."
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

    private var restorationGains: (auc: String, logLoss: String) {
        func range(_ metric: Metric) -> String {
            let means = results.dataSets.map { set in
                Self.mean(
                    set.models.compactMap { model in
                        model.best.comparison(ArmPair(a: "cloud_prior", b: "cloud"), metric)?.difference.mean
                    })
            }.compactMap(\.self)
            return "\(FixedPoint.signedText(means.min())) to \(FixedPoint.signedText(means.max()))"
        }
        return (range(.auc), range(.logLoss))
    }

    // MARK: The abstract

    var abstractSection: [String] {
        let (raw, corrected, both) = (
            tally(StudyFinding.raw), tally(StudyFinding.corrected), tally(StudyFinding.correction)
        )
        let everySchedule = VerdictTally(
            results.dataSets.flatMap { set in
                set.models.flatMap { model in
                    model.schedules.compactMap { $0.test.comparison(StudyFinding.raw, .gauc)?.verdict }
                }
            })
        let drifting = results.dataSets.count(where: \.drift.isBeyondChance)
        func answer(_ holds: Bool, _ partly: Bool) -> String {
            holds ? "Holds here." : partly ? "Holds here in part." : "Not seen here."
        }
        return [
            "## Where this differs from the paper's abstract", "",
            "The paper is *On-Device Model Fine-Tuning with Label Correction in Recommender Systems* (arXiv 2211.01163). Its abstract is all "
                + "that these lines are held against; its data, models and schedules are others.", "",
            "- *Local CTRs drift from the global one.* \(answer(drifting == results.dataSets.count, drifting > 0)) "
                + "On \(drifting) of \(results.dataSets.count) data sets.",
            "- *Fine-tuning on such labels can hurt ranking.* \(answer(everySchedule.worse > everySchedule.better, everySchedule.worse > 0)) At the "
                + "schedules that validation chose raw labels are \(raw); over all schedules tried \(everySchedule). Where validation may choose, raw labels "
                + (raw.better > raw.worse
                    ? "help more often than they hurt." : "do not help more often than they hurt."),
            "- *Corrected labels are better than no fine-tuning.* "
                + "\(answer(corrected.better * 2 > corrected.count && corrected.worse == 0, corrected.better > corrected.worse)) "
                + "Corrected labels are \(corrected).",
            "- *Corrected labels are better than raw ones.* "
                + "\(answer(both.better * 2 > both.count && both.worse == 0, both.better > both.worse)) Corrected labels are \(both).",
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
            "- Users with one class in train keep the cloud model in every arm, and count as no difference. Users with one class in test "
                + "have no AUC and are left out of GAUC.",
            "- Seeds \(results.seeds.map(String.init).joined(separator: ", ")). An interval over users says what other users would give with "
                + "these cloud models; three seeds say little of other cloud models.",
            "- The models are as small as `pipelines/movielens.yaml` has them, and nothing was tuned but the local schedule: this ranks no models.",
            "", "    make study AMAZON_HIN=PATH/amazon-hin.tar.gz", "",
            "makes all of it anew where something changed. `build/study/study.json` holds every number, with each seed's.",
        ]
    }
}
