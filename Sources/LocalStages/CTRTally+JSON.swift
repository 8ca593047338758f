import LabelCorrection
import OrderedJSON

extension CTRTally {
    /// The member `users` of `ctr.json`.
    var usersJSON: JSONValue {
        .object([
            "total": .integer(users), "without_train": .integer(usersWithoutTrain),
            "single_class": .integer(singleClassUsers), "all_positive": .integer(allPositiveUsers),
            "all_negative": .integer(allNegativeUsers),
        ])
    }

    /// The member `users_by_counts`: `[samples, positives, users]` a pair of counts, rising.
    var rowsJSON: JSONValue {
        .array(
            rows.map { row in
                .array([.integer(row.counts.samples), .integer(row.counts.positives), .integer(row.users)])
            })
    }

    /// Reads both members back; `counts` are the samples and positives that the rows must add up to.
    init(users: JSONNode, rows: JSONNode, counts: ClickCounts) throws(JSONError) {
        self.init()
        guard case .array(let values) = rows.value else { throw rows.mismatch("an array") }
        var previous = (samples: 0, positives: 0)
        for (place, value) in values.enumerated() {
            // Nodes, with a path each, would take more time and memory than the numbers: there may be a million rows.
            guard case .array(let numbers) = value, numbers.count == 3, case .integer(let exactSamples) = numbers[0],
                case .integer(let exactPositives) = numbers[1], case .integer(let exactUsers) = numbers[2],
                let samples = Int(exactly: exactSamples), let positives = Int(exactly: exactPositives),
                let users = Int(exactly: exactUsers), samples > 0, 0...samples ~= positives, users > 0,
                previous < (samples, positives)
            else {
                throw JSONNode(value, path: "\(rows.path)[\(place)]").mismatch(
                    "[samples, positives, users] with 1 or more samples and users, above the row before")
            }
            previous = (samples, positives)
            guard (try? add(ClickCounts(samples: samples, positives: positives), users: users)) != nil else {
                throw Self.wrongSums(rows, counts)
            }
        }
        guard self.counts == counts else { throw Self.wrongSums(rows, counts) }

        let total = try users.member("total").integer(in: self.users...Int.max)
        guard (try? add(ClickCounts(), users: total - self.users)) != nil else {
            throw users.mismatch("numbers of users")
        }
        for (key, count) in [
            ("without_train", usersWithoutTrain), ("single_class", singleClassUsers),
            ("all_positive", allPositiveUsers), ("all_negative", allNegativeUsers),
        ] {
            let member = try users.member(key)
            guard member.value == .integer(count) else { throw member.mismatch("\(count), as users_by_counts says") }
        }
    }

    private static func wrongSums(_ rows: JSONNode, _ counts: ClickCounts) -> JSONError {
        rows.mismatch("counts that add up to \(counts.samples) samples, \(counts.positives) of them positive")
    }
}
