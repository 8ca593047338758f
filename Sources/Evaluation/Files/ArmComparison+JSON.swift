import OrderedJSON

extension ArmComparison {
    /// An entry of `comparisons` in `metrics.json`.
    var json: JSONValue {
        .object(
            [
                JSONValue.Member("a", .string(a)), JSONValue.Member("b", .string(b)),
                JSONValue.Member("metric", .string(metric.rawValue)),
                JSONValue.Member("difference", .number(difference)),
            ] + evidence.jsonMembers + [JSONValue.Member("verdict", .string(verdict.rawValue))])
    }

    init(_ node: JSONNode) throws(JSONError) {
        self.init(
            a: try node.member("a").string(), b: try node.member("b").string(),
            metric: try node.member("metric").choice(),
            difference: try node.member("difference").optionalDouble(), evidence: try Evidence(node))
    }
}

extension Evidence {
    /// Members beside the difference that it is of.
    var jsonMembers: [JSONValue.Member] {
        [
            JSONValue.Member("low", .number(interval?.lowerBound)),
            JSONValue.Member("high", .number(interval?.upperBound)),
            JSONValue.Member("p", .number(p)),
            JSONValue.Member("p_adjusted", .number(adjustedP)),
            JSONValue.Member("users", .integer(users)),
        ]
    }

    init(_ node: JSONNode) throws(JSONError) {
        let (low, high) = (try node.member("low").optionalDouble(), try node.member("high").optionalDouble())
        var interval: ClosedRange<Double>?
        if let low, let high {
            guard low <= high else { throw try node.member("low").mismatch("at most `high`") }
            interval = low...high
        }
        self.init(
            users: try node.member("users").count(), interval: interval, p: try node.member("p").optionalDouble(),
            adjustedP: try node.member("p_adjusted").optionalDouble())
    }
}
