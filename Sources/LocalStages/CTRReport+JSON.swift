import LabelCorrection
import OrderedJSON
public import Samples

extension CTRReport {
    private static let format = 1

    /// The bytes of `ctr.json`: the same report, the same bytes.
    public func json() throws(StageError) -> [UInt8] {
        guard let localCTR, let drift else { throw StageError(.data, "no train samples, hence no quantiles") }
        let document = JSONValue.object([
            "format": .integer(Self.format), "samples": .integer(counts.samples),
            "positives": .integer(counts.positives), "global_ctr": .number(globalCTR.value),
            "users": .object([
                "total": .integer(users), "without_train": .integer(usersWithoutTrain),
                "single_class": .integer(singleClassUsers), "all_positive": .integer(allPositiveUsers),
                "all_negative": .integer(allNegativeUsers),
            ]),
            "local_ctr": localCTR.json, "drift": drift.json,
        ])
        return Array(document.text(.indented).utf8)
    }

    /// Reads `ctr.json` back; keys that are not known are passed over. `name` is the file that errors start with.
    ///
    /// Throws `data` with the byte where it is no JSON, with the member's path where it has the wrong shape, and for counts
    /// that cannot all be true.
    public init(json: [UInt8], name: String) throws(StageError) {
        do throws(JSONError) {
            try self.init(JSONNode(try JSONValue(utf8: json[...])))
        } catch {
            throw StageError(
                .data, error.message, at: SourcePosition(file: name, byteOffset: error.byteOffset),
                advice: "make it with `plumb ctr STORE -o ctr.json`")
        }
    }

    private init(_ document: JSONNode) throws(JSONError) {
        let format = try document.member("format")
        guard format.value == .integer(Self.format) else { throw format.mismatch("\(Self.format), the only one known") }

        // Both classes occur, or there was no report: hence at least one sample that is positive and one that is not.
        let samples = try document.member("samples").integer(in: 2...Int.max)
        let positives = try document.member("positives").integer(in: 1...samples - 1)
        counts = ClickCounts(samples: samples, positives: positives)
        let shareNode = try document.member("global_ctr")
        let (share, measured) = (try shareNode.double(), Double(positives) / Double(samples))
        // Other writers may round the last digits.
        guard abs(share - measured) < 1e-9, let globalCTR = try? GlobalCTR(share) else {
            throw shareNode.mismatch("\(measured), the positives over the samples")
        }
        self.globalCTR = globalCTR

        let users = try document.member("users")
        let total = try users.member("total").integer(in: 1...Int.max)
        usersWithoutTrain = try users.member("without_train").integer(in: max(0, total - samples)...total - 1)
        let withTrain = total - usersWithoutTrain
        allPositiveUsers = try users.member("all_positive").integer(in: 0...min(withTrain, positives))
        allNegativeUsers = try users.member("all_negative").integer(
            in: 0...min(withTrain - allPositiveUsers, samples - positives))
        self.users = total
        let singleClass = allPositiveUsers + allNegativeUsers
        _ = try users.member("single_class").integer(in: singleClass...singleClass)
        localCTR = try Quantiles(try document.member("local_ctr"), within: 0...1)
        drift = try Quantiles(try document.member("drift"), within: -1...1)
    }
}

extension Quantiles {
    fileprivate var json: JSONValue {
        .object([
            "min": .number(min), "p05": .number(p05), "p25": .number(p25), "p50": .number(p50), "p75": .number(p75),
            "p95": .number(p95), "max": .number(max),
        ])
    }

    fileprivate init(_ node: JSONNode, within range: ClosedRange<Double>) throws(JSONError) {
        func value(_ key: String) throws(JSONError) -> Double {
            let member = try node.member(key)
            let value = try member.double()
            guard range.contains(value) else {
                throw member.mismatch("a number from \(range.lowerBound) to \(range.upperBound)")
            }
            return value
        }
        min = try value("min")
        p05 = try value("p05")
        p25 = try value("p25")
        p50 = try value("p50")
        p75 = try value("p75")
        p95 = try value("p95")
        max = try value("max")
    }
}
