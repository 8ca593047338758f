public import Samples

extension RunMetrics {
    /// The bytes of `metrics.json`; equal metrics give equal bytes. Numbers have the shortest digits that give them back.
    public func json() -> [UInt8] {
        let arms = arms.map { arm in
            JSONValue.Member(
                key: arm.arm,
                value: .object(
                    Metric.allCases.map { JSONValue.Member(key: $0.rawValue, value: .number(arm[$0])) }))
        }
        let seed = JSONValue.Member(key: "seed", value: .number(seed))
        return JSONValue.object([seed] + scope.jsonMembers + [JSONValue.Member(key: "arms", value: .object(arms))])
            .bytes()
    }

    /// Metrics from the bytes of a `metrics.json`; keys that are not known are passed over.
    ///
    /// - Parameters:
    ///   - json: The file's content.
    ///   - name: The file as errors name it.
    /// - Throws: `.data` with line and column where it is no JSON, with the member's path where it has the wrong shape.
    public init(json: [UInt8], name: String) throws(StageError) {
        let document = try JSONNode(document: json, file: name)
        var arms: [ArmMetrics] = []
        for (arm, node) in try document.member("arms").members() {
            var metrics = ArmMetrics(arm: arm)
            for metric in Metric.allCases {
                metrics[metric] = try node.member(metric.rawValue).optionalDouble()
            }
            arms.append(metrics)
        }
        self.init(
            seed: try document.member("seed").integer(), scope: try EvaluationScope(document), arms: arms)
    }
}
