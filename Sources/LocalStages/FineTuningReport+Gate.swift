import FineTuning
import OrderedJSON

extension FineTuningReport.Counts {
    /// The share of all users whose tuned weights the gate keeps; nil where no arm is gated, or without users.
    public var keptShare: Double? { gateReasons.isEmpty ? nil : Double(kept) / Double(users) }

    /// Users who are named: of the outcomes `diverged` and `notFinite`.
    public var faulty: Int { self[.diverged] + self[.notFinite] }

    /// What the gate did, for a person: `kept 40 of 50 users (80.0%): 30 better, 10 not worse, 10 worse`; nil where no arm is
    /// gated.
    public var gateText: String? {
        guard let keptShare else { return nil }
        let permille = Int((keptShare * 1000).rounded())
        let reasons = GateDecision.Reason.allCases.compactMap { reason in
            gateReasons[reason].map { "\($0) \(reason.rawValue)" }
        }
        return "kept \(kept) of \(users) users (\(permille / 10).\(permille % 10)%): "
            + reasons.joined(separator: ", ")
    }

    /// The same as JSON on one line: `kept`, `share` and `reasons`, each with its number of users; nil where no arm is gated.
    public var gateJSON: String? {
        guard let keptShare else { return nil }
        return JSONValue.object([
            .init("kept", .integer(kept)), .init("share", .number(keptShare)),
            .init(
                "reasons",
                .object(
                    GateDecision.Reason.allCases.map { reason in
                        .init(
                            reason.rawValue.split(separator: " ").joined(separator: "_"),
                            .integer(gateReasons[reason, default: 0]))
                    })),
        ]).text(.oneLine)
    }
}
