extension StudyPage {
    // MARK: Data

    var dataSection: [String] {
        let rows = results.dataSets.map { set in
            let scope = set.models.first?.best.scope
            return [
                Self.escaped(set.about.title), code(set.split), "\(set.drift.users)", "\(set.drift.samples)",
                "\(set.drift.medianSamples)", "\(set.drift.singleClass)", scope.map { "\($0.samples)" } ?? "n/a",
                scope.map { "\($0.users.evaluated)" } ?? "n/a",
            ]
        }
        return ["## The data"]
            + Self.table(
                [
                    "data set", "split", "users with train samples", "train samples", "of the median user",
                    "users of one class",
                    "test samples", "users with both classes in test",
                ], rows)
            + results.dataSets.flatMap { set in
                set.about.text.isEmpty ? [] : ["", "*\(Self.escaped(set.about.title))*: \(set.about.text)"]
            }
    }

    // MARK: Drift

    var driftSection: [String] {
        let rows = results.dataSets.map { set in
            let drift = set.drift
            let quantiles = [0.05, 0.25, 0.5, 0.75, 0.95].map { FixedPoint.signedText(drift.quantile($0)) }
            return [Self.escaped(set.about.title), FixedPoint.text(drift.globalCTR)] + quantiles + [
                FixedPoint.text(drift.trueSD), FixedPoint.text(drift.dispersion, decimals: 2),
            ]
        }
        return [
            "## Does drift exist?", "",
            "Drift is a user's local CTR less the global CTR, of train parts. Few samples scatter by chance: Pearson's dispersion is "
                + "about 1 where users are all alike, and the standard deviation of the true local CTRs is what is left when chance "
                + "is taken away (by moments).",
        ]
            + Self.table(
                [
                    "data set", "global CTR", "drift, 5 %", "25 %", "median", "75 %", "95 %", "SD of true local CTRs",
                    "dispersion",
                ], rows)
            + results.dataSets.indices.flatMap { picture(driftDrawing($0)) }
    }

    // MARK: Ranking

    var rankingSection: [String] {
        var lines = [
            "## Does uncorrected fine-tuning hurt, and does correction help?", "",
            "Differences in GAUC on test, mean over \(results.seeds.count) seeds, with 95 % intervals over users "
                + "(\(results.resamples) resamples of each user's mean over the seeds). Strong: the interval leaves out 0 and "
                + "Wilcoxon's signed-rank test is below 0.05, corrected by Holm's rule for the three columns and all models of the "
                + "data set. Everything else is within noise, whatever its sign.",
        ]
        for (place, set) in results.dataSets.enumerated() {
            let rows = set.models.enumerated().map { index, model in
                [model.name, FixedPoint.text(model.best.arm("cloud")?[.gauc].mean)]
                    + StudyFinding.pairs.map { pair in
                        findings(pair, in: place).first { $0.model == index }.map {
                            Self.cell($0.difference, $0.evidence.interval, $0.verdict)
                        } ?? "n/a"
                    } + [schedule("finetuned", of: model), schedule("corrected", of: model)]
            }
            let floor = set.models.first?.best.arm("item_mean")?[.gauc].mean.map { floor in
                " The smoothed item mean, the floor, has GAUC \(FixedPoint.text(floor)); \(above(place)) of \(set.models.count) cloud "
                    + "models rank better than it."
            }
            lines += ["", "### \(Self.escaped(set.about.title))", ""]
            lines.append(
                "`finetuned` against `cloud`: \(tally(StudyFinding.raw, in: place)) models. `corrected` against `cloud`: "
                    + "\(tally(StudyFinding.corrected, in: place)). `corrected` against `finetuned`: "
                    + "\(tally(StudyFinding.correction, in: place)).\(floor ?? "")")
            lines += Self.table(
                [
                    "model", "cloud", "finetuned − cloud", "corrected − cloud", "corrected − finetuned",
                    "schedule of finetuned", "of corrected",
                ], rows)
            let refused = set.models.compactMap { model -> String? in
                let arms = model.choices.filter { $0.gain <= 0 && ["finetuned", "corrected"].contains($0.arm) }
                return arms.isEmpty ? nil : "\(model.name) (\(arms.map(\.arm).joined(separator: ", ")))"
            }
            if !refused.isEmpty {
                lines += [
                    "",
                    "Where not even the best schedule gained anything on validation, one would not tune: "
                        + "\(refused.joined(separator: "; ")).",
                ]
            }
            lines += picture(rankingDrawing(place))
        }
        return lines
    }

    /// How many cloud models of a data set have a greater GAUC than the item mean.
    func above(_ set: Int) -> Int {
        results.dataSets[set].models.count { model in
            guard let cloud = model.best.arm("cloud")?[.gauc].mean, let floor = model.best.arm("item_mean")?[.gauc].mean
            else { return false }
            return cloud > floor
        }
    }

    // MARK: Budget

    /// One arm less another with one schedule, a model each.
    func gains(_ pair: ArmPair, _ schedule: String, in set: Int) -> [SeedSpread] {
        results.dataSets[set].models.compactMap { model in
            model.schedules.first { $0.name == schedule }?.test.comparison(pair, .gauc)?.difference
        }
    }

    private func tally(_ pair: ArmPair, _ schedule: String, in set: Int) -> VerdictTally {
        VerdictTally(
            results.dataSets[set].models.compactMap { model in
                model.schedules.first { $0.name == schedule }?.test.comparison(pair, .gauc)?.verdict
            })
    }

    /// Users whose tuning diverged, mean over models and seeds.
    private func diverged(_ schedule: String, in set: Int) -> Double? {
        Self.mean(
            results.dataSets[set].models.flatMap { model in
                model.schedules.first { $0.name == schedule }?.diverged.map { Double($0) } ?? []
            })
    }

    var budgetSection: [String] {
        var lines = [
            "## At which local budget?", "",
            "Every schedule on test, means over the models, and in how many models the difference is sure (better, worse), by Holm's "
                + "rule within each model and schedule: a family of its own, so that a difference may be sure here and within noise above, where "
                + "all models are held together. Steps are those of the median user; diverged are users whose tuning came to a "
                + "number that is not finite, mean over models and seeds.",
        ]
        for (place, set) in results.dataSets.enumerated() {
            let rows = results.schedules.map { schedule in
                [schedule.title, "\(schedule.steps(set.drift.medianSamples))"]
                    + StudyFinding.pairs.map { pair in
                        let mean = Self.mean(gains(pair, schedule.name, in: place).compactMap(\.mean))
                        let tally = tally(pair, schedule.name, in: place)
                        return "\(FixedPoint.signedText(mean)) (\(tally.better) better, \(tally.worse) worse)"
                    } + [FixedPoint.text(diverged(schedule.name, in: place), decimals: 1)]
            }
            lines += ["", "### \(Self.escaped(set.about.title))"]
            lines += Self.table(
                [
                    "schedule", "steps", "finetuned − cloud", "corrected − cloud", "corrected − finetuned", "diverged",
                ], rows)
            lines += picture(budgetDrawing(place))
        }
        return lines
    }

    // MARK: For whom

    func slices(by kind: String, in set: Int) -> [SliceMetrics] {
        results.dataSets[set].models.first?.best.slices.filter { $0.by == kind } ?? []
    }

    /// One arm less another in one slice, a model each.
    func gains(_ pair: ArmPair, _ slice: SliceMetrics, in set: Int) -> [ArmComparison] {
        results.dataSets[set].models.compactMap { model in
            model.best.slices.first { $0.by == slice.by && $0.name == slice.name }?.comparisons.first {
                $0.a == pair.a && $0.b == pair.b && $0.metric == .gauc
            }
        }
    }

    var audienceSection: [String] {
        var lines = [
            "## For whom?", "",
            "GAUC within parts of the users, and of their test samples, each arm at its chosen schedule: means over the models, and in how "
                + "many models the difference is sure within the slice. Slices are many; what does not hold across models and data sets "
                + "is not to be built on.",
        ]
        for (place, set) in results.dataSets.enumerated() {
            let rows = (set.models.first?.best.slices ?? []).map { slice in
                ["\(slice.by): \(slice.name)", "\(slice.evaluatedUsers)"]
                    + StudyFinding.pairs.map { pair in
                        let found = gains(pair, slice, in: place)
                        let tally = VerdictTally(found.map(\.verdict))
                        let mean = Self.mean(found.compactMap(\.difference))
                        return "\(FixedPoint.signedText(mean)) (\(tally.better) better, \(tally.worse) worse)"
                    }
            }
            lines += ["", "### \(Self.escaped(set.about.title))"]
            lines += Self.table(
                ["users or samples", "users", "finetuned − cloud", "corrected − cloud", "corrected − finetuned"], rows)
            lines += picture(audienceDrawing(place))
        }
        return lines
    }

    // MARK: Restoration

    var restorationSection: [String] {
        let arms = [
            "item_mean", "cloud", "cloud_prior", "finetuned", "corrected", "corrected_prior", "corrected_gated",
        ]
        let metrics: [Metric] = [.gauc, .auc, .logLoss, .ece, .pcoc]
        var lines = [
            "## What prior restoration adds", "",
            "Correction takes the user's level out of the labels, and pooled AUC and log loss pay for it; raw labels teach it. Prior "
                + "restoration adds one number a user to the logit. Means over models and seeds, each tuned arm at its chosen schedule; a difference is sure "
                + "where its interval over users leaves out 0. Of log loss less is better.",
        ]
        for (place, set) in results.dataSets.enumerated() {
            let rows = arms.compactMap { arm -> [String]? in
                let found = set.models.compactMap { $0.best.arm(arm) }
                guard !found.isEmpty else { return nil }
                return [code(arm)]
                    + metrics.map { metric in
                        FixedPoint.text(Self.mean(found.compactMap { $0[metric].mean }))
                    }
            }
            lines += ["", "### \(Self.escaped(set.about.title))"]
            lines += Self.table(["arm"] + metrics.map(\.title), rows)
            lines += [""]
            lines += ["cloud", "corrected"].map { arm in
                "- \(code("\(arm)_prior")) − \(code(arm)): AUC \(restoration(arm, .auc, in: place)); log loss "
                    + "\(restoration(arm, .logLoss, in: place)) models."
            }
        }
        return lines
    }

    // MARK: Corrections

    var correctionsSection: [String] {
        guard results.corrections.count > 1 else { return [] }
        let arms = ["corrected"] + results.corrections.dropFirst().map { "corrected_\($0)" }
        let rows = results.dataSets.flatMap { set in
            zip(results.corrections, arms).compactMap { method, arm -> [String]? in
                let pair = ArmPair(a: arm, b: "finetuned")
                let found = set.models.compactMap { $0.best.comparison(pair, .gauc) }
                guard !found.isEmpty else { return nil }
                let cloud = set.models.compactMap { model -> Double? in
                    guard let a = model.best.arm(arm)?[.gauc].mean, let b = model.best.arm("cloud")?[.gauc].mean else {
                        return nil
                    }
                    return a - b
                }
                return [
                    Self.escaped(set.about.title), code(method), FixedPoint.signedText(Self.mean(cloud)),
                    FixedPoint.signedText(Self.mean(found.compactMap(\.difference.mean))),
                    "\(VerdictTally(found.map(\.verdict)))",
                ]
            }
        }
        return [
            "## Other ways of correcting", "",
            "Each at the schedule that validation chose for it, on test, means over the models (`docs/correction.md` derives them). The "
                + "last column holds each against raw labels, by Holm's rule within each model.",
        ] + Self.table(["data set", "method", "− cloud", "− finetuned", "against finetuned"], rows)
    }
}
