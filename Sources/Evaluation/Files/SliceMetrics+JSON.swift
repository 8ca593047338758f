import OrderedJSON

extension SliceMetrics {
    /// An entry of `slices` in `metrics.json` and `summary.json`.
    var json: JSONValue {
        let arms = arms.map { JSONValue.Member($0.name, .object(["gauc": .number($0.gauc)])) }
        return .object([
            "by": .string(by), "name": .string(name),
            "users": .object(["total": .integer(users), "evaluated": .integer(evaluatedUsers)]),
            "samples": .integer(samples), "arms": .object(arms), "comparisons": .array(comparisons.map(\.json)),
        ])
    }

    init(_ node: JSONNode) throws(JSONError) {
        var arms: [Arm] = []
        for (name, arm) in try node.member("arms").members() {
            arms.append(Arm(name: name, gauc: try arm.member("gauc").optionalDouble()))
        }
        let users = try node.member("users")
        self.init(
            by: try node.member("by").string(), name: try node.member("name").string(),
            users: try users.member("total").count(), evaluatedUsers: try users.member("evaluated").count(),
            samples: try node.member("samples").count(), arms: arms,
            comparisons: try node.member("comparisons").elements().map(ArmComparison.init))
    }
}
