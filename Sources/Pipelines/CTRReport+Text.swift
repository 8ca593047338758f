public import Evaluation
import LabelCorrection
public import LocalStages

extension CTRReport {
    /// The quantiles as rows below a table of arms.
    public var driftRows: [DriftQuantiles] {
        [("local CTR over users", localCTR, false), ("CTR drift (local CTR - global CTR) over users", drift, true)]
            .compactMap { title, quantiles, areDifferences in
                quantiles.map { quantiles in
                    DriftQuantiles(
                        title: title,
                        quantiles: [
                            .init(label: "min", value: quantiles.min), .init(label: "5%", value: quantiles.p05),
                            .init(label: "25%", value: quantiles.p25), .init(label: "median", value: quantiles.p50),
                            .init(label: "75%", value: quantiles.p75), .init(label: "95%", value: quantiles.p95),
                            .init(label: "max", value: quantiles.max),
                        ], areDifferences: areDifferences)
                }
            }
    }

    /// The report for a person.
    var description: String {
        var lines = [
            "global CTR   \(globalCTR.value): \(counts.positives) of \(counts.samples) train samples",
            "users        \(users), \(usersWithoutTrain) without train samples",
            "single class \(singleClassUsers): \(allPositiveUsers) all positive, \(allNegativeUsers) all negative",
        ]
        for row in driftRows {
            lines.append(row.title)
            lines += row.quantiles.map { "  \($0.label) \($0.value)" }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
