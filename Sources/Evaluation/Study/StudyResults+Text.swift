extension StudyResults: CustomStringConvertible {
    /// The answers for a terminal or a pipe: plain text, a line a data set and model.
    public var description: String {
        let found = findings
        let header =
            ["data set", "model"] + StudyFinding.pairs.map { "\($0.a) − \($0.b)" } + [
                "schedule of finetuned", "of corrected",
            ]
        var rows = [header]
        for (set, data) in dataSets.enumerated() {
            for (place, model) in data.models.enumerated() {
                let differences = StudyFinding.pairs.map { pair -> String in
                    let finding = found.first { $0.dataSet == set && $0.model == place && $0.pair == pair }
                    return "\(FixedPoint.signedText(finding?.difference)) \(finding?.verdict.title ?? "")"
                }
                let chosen = ["finetuned", "corrected"].map { arm in
                    model.choices.first { $0.arm == arm }?.schedule ?? ""
                }
                rows.append([data.about.name, model.name] + differences + chosen)
            }
        }
        let widths = header.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            row.enumerated().map { column, cell in
                column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
            }.joined(separator: "  ")
        }
        let note =
            "GAUC on test; each arm at the schedule that validation chose; verdicts over users, by Holm's rule within a data set"
        return (lines + [note]).map { $0 + "\n" }.joined()
    }
}
