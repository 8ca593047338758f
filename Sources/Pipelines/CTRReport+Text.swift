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
        var lines = ["global CTR   \(globalCTR.value): \(counts.positives) of \(counts.samples) train samples"]
        switch origin {
        case .users(let tally, let stores):
            lines.append("users        \(tally.users), \(tally.usersWithoutTrain) without train samples")
            lines.append(
                "single class \(tally.singleClassUsers): \(tally.allPositiveUsers) all positive, "
                    + "\(tally.allNegativeUsers) all negative")
            lines.append("counts       \(tally.pairCount) distinct pairs of samples and positives")
            lines += stores.map { "store        \($0)" }
        case .devices(let devices):
            lines.append("noise        \(devices.globalCTRNoise) standard deviation in the global CTR")
            lines.append("devices      \(devices.reports) reports, clipped and noised on the device:")
            lines += devices.rows.map { row in
                "  \(row.reports) of at most \(row.privacy.clip) samples with epsilon \(row.privacy.epsilon.value)"
            }
        }
        for row in driftRows {
            lines.append(row.title)
            lines += row.quantiles.map { "  \($0.label) \($0.value)" }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
