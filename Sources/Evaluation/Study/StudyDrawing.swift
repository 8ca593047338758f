/// A figure of a study's page.
struct StudyDrawing: Sendable {
    /// Its file's name, without the ending.
    let name: String
    let figure: Chart.Figure
}

extension StudyPage {
    private static let kinds = ["drift", "ranking", "budget", "audience"]

    /// Whether a file of this name is one that a page shows.
    public static func isFigure(_ name: String) -> Bool { kinds.contains { name.hasSuffix("-\($0).svg") } }

    /// All figures of a data set.
    func drawings(of set: Int) -> [StudyDrawing] {
        [driftDrawing(set), rankingDrawing(set), budgetDrawing(set), audienceDrawing(set)]
    }

    func driftDrawing(_ set: Int) -> StudyDrawing {
        let data = results.dataSets[set]
        return drawing("drift", set, "\(data.about.title): users by CTR drift") { title in
            Chart.histogram(
                title: title,
                description: "Local CTR less global CTR of each user's train part; the broken line is no drift.",
                data.drift.drifts.flatMap { [Double](repeating: $0.drift, count: $0.users) })
        }
    }

    func rankingDrawing(_ set: Int) -> StudyDrawing {
        let data = results.dataSets[set]
        let rows = data.models.indices.flatMap { model in
            StudyFinding.pairs.compactMap { pair in
                findings(pair, in: set).first { $0.model == model }.map { finding in
                    Chart.Row(
                        label: "\(data.models[model].name): \(pair.a) − \(pair.b)", value: finding.difference,
                        interval: finding.evidence.interval,
                        isSure: finding.verdict == .better || finding.verdict == .worse)
                }
            }
        }
        return drawing("ranking", set, "\(data.about.title): differences in GAUC by model") { title in
            Chart.intervals(
                title: title,
                description: "Each arm at the schedule that validation chose; bars are 95 % intervals over users.", rows
            )
        }
    }

    func budgetDrawing(_ set: Int) -> StudyDrawing {
        let data = results.dataSets[set]
        let rows = results.schedules.flatMap { schedule in
            [StudyFinding.raw, StudyFinding.corrected].map { pair in
                spreadRow("\(schedule.title): \(pair.a)", gains(pair, schedule.name, in: set).compactMap(\.mean))
            }
        }
        return drawing("budget", set, "\(data.about.title): gain in GAUC over the cloud model by schedule") { title in
            Chart.intervals(
                title: title,
                description: "Points are means over the models, bars reach from the least to the greatest.",
                rows)
        }
    }

    func audienceDrawing(_ set: Int) -> StudyDrawing {
        let data = results.dataSets[set]
        let rows = slices(by: "drift", in: set).map { slice in
            spreadRow("drift \(slice.name)", gains(StudyFinding.correction, slice, in: set).compactMap(\.difference))
        }
        return drawing("audience", set, "\(data.about.title): corrected − finetuned in GAUC by drift") { title in
            Chart.intervals(
                title: title,
                description: "Points are means over the models, bars reach from the least to the greatest.",
                rows)
        }
    }

    private func spreadRow(_ label: String, _ values: [Double]) -> Chart.Row {
        var interval: ClosedRange<Double>?
        if let least = values.min(), let greatest = values.max() { interval = least...greatest }
        return Chart.Row(
            label: label, value: Self.mean(values), interval: interval,
            isSure: interval.map { !$0.contains(0) } ?? false)
    }

    private func drawing(_ kind: String, _ set: Int, _ title: String, _ draw: (String) -> Chart.Figure) -> StudyDrawing
    {
        StudyDrawing(name: "\(results.dataSets[set].about.name)-\(kind)", figure: draw(title))
    }
}
