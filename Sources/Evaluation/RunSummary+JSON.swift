public import Samples

extension RunSummary {
    /// The bytes of `summary.json`; equal summaries give equal bytes. Numbers have the shortest digits that give them back.
    public func json() -> [UInt8] {
        let arms = arms.map { arm in
            JSONValue.Member(
                key: arm.name,
                value: .object(Metric.allCases.map { JSONValue.Member(key: $0.rawValue, value: arm[$0].json) }))
        }
        let comparisons = comparisons.map { comparison in
            JSONValue.object([
                "a": .string(comparison.a), "b": .string(comparison.b), "metric": .string(comparison.metric.rawValue),
                "difference": comparison.difference.json,
            ])
        }
        let seeds = JSONValue.Member(key: "seeds", value: .array(seeds.map { .number($0) }))
        let members = [
            JSONValue.Member(key: "arms", value: .object(arms)),
            JSONValue.Member(key: "comparisons", value: .array(comparisons)),
        ]
        return JSONValue.object([seeds] + scope.jsonMembers + members).bytes()
    }

    /// A summary from the bytes of a `summary.json`. Means, deviations and differences are found anew from the values a seed;
    /// keys that are not known are passed over.
    ///
    /// - Parameters:
    ///   - json: The file's content.
    ///   - name: The file as errors name it.
    /// - Throws: `.data` with line and column where it is no JSON, with the member's path where it has the wrong shape.
    public init(json: [UInt8], name: String) throws(StageError) {
        let document = try JSONNode(document: json, file: name)
        let scope = try EvaluationScope(document)
        var runs: [RunMetrics] = []
        for seed in try document.member("seeds").elements() {
            runs.append(RunMetrics(seed: try seed.integer(), scope: scope, arms: []))
        }
        for (arm, node) in try document.member("arms").members() {
            for run in runs.indices { runs[run].arms.append(ArmMetrics(arm: arm)) }
            for metric in Metric.allCases {
                let list = try node.member(metric.rawValue).member("values")
                let values = try list.elements()
                guard values.count == runs.count else { throw list.mismatch("one value for each of the seeds") }
                for run in runs.indices {
                    runs[run].arms[runs[run].arms.count - 1][metric] = try values[run].optionalDouble()
                }
            }
        }
        try self.init(over: runs)
    }
}

extension SeedSpread {
    fileprivate var json: JSONValue {
        .object(["mean": .number(mean), "sd": .number(sd), "values": .array(values.map { .number($0) })])
    }
}
