import OrderedJSON
public import Samples

extension RunMetrics {
    /// The bytes of `metrics.json`; equal metrics give equal bytes. Numbers have the shortest digits that give them back.
    public func json() -> [UInt8] {
        let arms = arms.map { arm in
            JSONValue.Member(
                arm.arm, .object(Metric.allCases.map { JSONValue.Member($0.rawValue, .number(arm[$0])) }))
        }
        var origin = [JSONValue.Member("seed", .integer(seed))]
        if !fingerprints.isEmpty {
            let members = fingerprints.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, .string($0.value)) }
            origin.append(JSONValue.Member("fingerprints", .object(members)))
        }
        let found = [
            JSONValue.Member("arms", .object(arms)),
            JSONValue.Member("comparisons", .array(comparisons.map(\.json))),
            JSONValue.Member("slices", .array(slices.map(\.json))),
        ]
        let document = JSONValue.object(origin + scope.jsonMembers + found)
        return Array(document.text(.indented).utf8)
    }

    /// Metrics from the bytes of a `metrics.json`; keys that are not known are passed over.
    ///
    /// - Parameters:
    ///   - json: The file's content.
    ///   - name: The file as errors name it.
    /// - Throws: `.data` with the byte where it is no JSON, with the member's path where it has the wrong shape.
    public init(json: [UInt8], name: String) throws(StageError) {
        do throws(JSONError) {
            try self.init(JSONNode(try JSONValue(utf8: json[...])))
        } catch {
            throw StageError(.data, error.message, at: SourcePosition(file: name, byteOffset: error.byteOffset))
        }
    }

    private init(_ document: JSONNode) throws(JSONError) {
        var arms: [ArmMetrics] = []
        for (arm, node) in try document.member("arms").members() {
            var metrics = ArmMetrics(arm: arm)
            for metric in Metric.allCases {
                metrics[metric] = try node.member(metric.rawValue).optionalDouble()
            }
            arms.append(metrics)
        }
        var fingerprints: [String: String] = [:]
        for (name, node) in try document.optionalMember("fingerprints")?.members() ?? [] {
            fingerprints[name] = try node.string()
        }
        self.init(
            seed: try document.member("seed").integer(), fingerprints: fingerprints,
            scope: try EvaluationScope(document), arms: arms,
            comparisons: try document.member("comparisons").elements().map(ArmComparison.init),
            slices: try document.member("slices").elements().map(SliceMetrics.init))
    }
}
