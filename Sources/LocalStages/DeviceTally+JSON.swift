import LabelCorrection
import OrderedJSON

extension DeviceTally {
    /// The member `users` of a `ctr.json` from devices: of single users nothing is known.
    var usersJSON: JSONValue {
        .object([
            "total": .integer(reports), "without_train": .null, "single_class": .null, "all_positive": .null,
            "all_negative": .null,
        ])
    }

    /// The member `devices`. Its `clip` and `epsilon` are the greatest of any report.
    var json: JSONValue {
        let rows = rows
        return .object([
            "clip": .integer(rows.map(\.privacy.clip).max() ?? 0),
            "epsilon": .number(rows.map(\.privacy.epsilon).max()?.value),
            "global_ctr_noise_sd": .number(globalCTRNoise),
            "reports_by_privacy": .array(
                rows.map { row in
                    .array([
                        .integer(row.privacy.clip), .number(row.privacy.epsilon.value), .integer(row.reports),
                    ])
                }),
        ])
    }

    /// Reads both members back; `counts` are the sums of the noised counts.
    init(_ devices: JSONNode, users: JSONNode, counts: ClickCounts) throws(JSONError) {
        var rows: [(privacy: DevicePrivacy, reports: Int)] = []
        let list = try devices.member("reports_by_privacy")
        for element in try list.elements() {
            let numbers = try element.elements()
            guard numbers.count == 3 else { throw element.mismatch("[clip, epsilon, reports]") }
            let privacy = try DevicePrivacy(clip: numbers[0], epsilon: numbers[1])
            let reports = try numbers[2].integer(in: 1...Int.max)
            if let last = rows.last?.privacy {
                guard (last.clip, last.epsilon) < (privacy.clip, privacy.epsilon) else {
                    throw element.mismatch("above the row before")
                }
            }
            rows.append((privacy, reports))
        }
        let total = try users.member("total")
        guard
            let tally = try? DeviceTally(
                samples: counts.samples, positives: counts.positives, reportsByPrivacy: rows),
            tally.reports > 0
        else { throw list.mismatch("1 report or more, and at most \(Int.max)") }
        guard total.value == .integer(tally.reports) else {
            throw total.mismatch("\(tally.reports), as devices.reports_by_privacy says")
        }
        self = tally
        for (key, value) in [
            ("clip", Double(rows.map(\.privacy.clip).max() ?? 0)),
            ("epsilon", rows.map(\.privacy.epsilon).max()?.value ?? 0), ("global_ctr_noise_sd", globalCTRNoise),
        ] {
            try devices.member(key).require(near: value, "as devices.reports_by_privacy says")
        }
    }
}
