import OrderedJSON
public import Samples

extension RunSummary {
    /// The bytes of `summary.json`; equal summaries give equal bytes. Numbers have the shortest digits that give them back.
    public func json() -> [UInt8] { Array(document.text(.indented).utf8) }

    /// The document that those bytes are.
    var document: JSONValue {
        let arms = arms.map { arm in
            JSONValue.Member(
                arm.name, .object(Metric.allCases.map { JSONValue.Member($0.rawValue, arm[$0].json) }))
        }
        let comparisons = comparisons.map { comparison in
            JSONValue.object(
                [
                    JSONValue.Member("a", .string(comparison.a)), JSONValue.Member("b", .string(comparison.b)),
                    JSONValue.Member("metric", .string(comparison.metric.rawValue)),
                    JSONValue.Member("difference", comparison.difference.json),
                ] + (comparison.evidence?.jsonMembers ?? [])
                    + [JSONValue.Member("verdict", .string(comparison.verdict.rawValue))])
        }
        let seeds = JSONValue.Member("seeds", .array(seeds.map { .integer($0) }))
        let members = [
            JSONValue.Member("arms", .object(arms)), JSONValue.Member("comparisons", .array(comparisons)),
            JSONValue.Member("slices", .array(slices.map(\.json))),
        ]
        return .object([seeds] + scope.jsonMembers + members)
    }

    /// A summary from the bytes of a `summary.json`. Means, deviations and differences are found anew from the values a seed;
    /// keys that are not known are passed over.
    ///
    /// - Parameters:
    ///   - json: The file's content.
    ///   - name: The file as errors name it.
    /// - Throws: `.data` with the byte where it is no JSON, with the member's path where it has the wrong shape.
    public init(json: [UInt8], name: String) throws(StageError) {
        let document: JSONNode
        do throws(JSONError) {
            document = JSONNode(try JSONValue(utf8: json[...]))
        } catch {
            throw Self.fault(error, name)
        }
        try self.init(document, name: name)
    }

    /// The same from a part of a document.
    init(_ document: JSONNode, name: String) throws(StageError) {
        let runs: [RunMetrics]
        do throws(JSONError) {
            runs = try Self.runs(in: document)
        } catch {
            throw Self.fault(error, name)
        }
        try self.init(over: runs)
        do throws(JSONError) {
            try readEvidence(in: document)
        } catch {
            throw Self.fault(error, name)
        }
    }

    private static func fault(_ error: JSONError, _ name: String) -> StageError {
        StageError(.data, error.message, at: SourcePosition(file: name, byteOffset: error.byteOffset))
    }

    /// What stands beside the values a seed: it cannot be found from them.
    private mutating func readEvidence(in document: JSONNode) throws(JSONError) {
        for node in try document.member("comparisons").elements() {
            let (a, b) = (try node.member("a").string(), try node.member("b").string())
            let metric: Metric = try node.member("metric").choice()
            guard try node.optionalMember("low") != nil,
                let index = comparisons.firstIndex(where: { $0.a == a && $0.b == b && $0.metric == metric })
            else { continue }
            comparisons[index].evidence = try Evidence(node)
        }
        slices = []
        for node in try document.member("slices").elements() { slices.append(try SliceMetrics(node)) }
    }

    private static func runs(in document: JSONNode) throws(JSONError) -> [RunMetrics] {
        let scope = try EvaluationScope(document)
        let seeds: [UInt64] = try document.member("seeds").integers()
        var runs = seeds.map { RunMetrics(seed: $0, scope: scope, arms: []) }
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
        return runs
    }
}

extension SeedSpread {
    fileprivate var json: JSONValue {
        .object(["mean": .number(mean), "sd": .number(sd), "values": .array(values.map { .number($0) })])
    }
}
