import Evaluation
import UserPartition

extension PartitionManifest {
    /// How users' samples were split.
    var splitText: String {
        switch split {
        case .fractions(let train, let validation, let test):
            "\(train) train, \(validation) validation, \(test) test, by time"
        case .last(let validation, let test): "the last \(test) test, the \(validation) before validation"
        case .dates(let validationFrom, let testFrom):
            "validation from \(ShownText.time(validationFrom)), test from \(ShownText.time(testFrom))"
        }
    }

    /// What the settings chose beside the split, a line a choice that was made.
    var choices: [String] {
        var lines: [String] = []
        for reason in UserFilter.Reason.allCases {
            guard let out = leftOut[reason] else { continue }
            lines.append("left out     \(out.users) users with \(reason.rawValue), \(out.samples) samples")
        }
        if let heldOut {
            let share = "\(FixedPoint.text(Double(heldOut.choice.millionths) / 10_000, decimals: 2))%"
            lines.append("held out     \(heldOut.users) users, \(share) by seed \(heldOut.choice.seed)")
        }
        if let cloudUntil { lines.append("cloud until  \(ShownText.time(cloudUntil)), \(cloud.samples) samples") }
        if let history {
            lines.append(
                "history      \(history.features.joined(separator: ", ")): the last \(history.length), "
                    + history.reach.rawValue)
        }
        if let negatives {
            lines.append(
                "negatives    \(negatives.drawn) drawn, \(negatives.settings.perPositive) a positive, "
                    + "\(negatives.settings.draw.rawValue)"
                    + (negatives.missing > 0 ? "; \(negatives.missing) could not be" : ""))
        }
        return lines
    }
}
