import OrderedJSON
import Samples

extension EvaluationScope {
    /// The scope's members of `metrics.json` and `summary.json`.
    var jsonMembers: [JSONValue.Member] {
        [
            JSONValue.Member("part", .string(part.name)),
            JSONValue.Member("global_ctr", .number(globalCTR)),
            JSONValue.Member(
                "users",
                .object([
                    "total": .integer(users.total), "evaluated": .integer(users.evaluated),
                    "single_class": .integer(users.singleClass), "without_test": .integer(users.withoutRows),
                ])),
            JSONValue.Member("samples", .integer(samples)),
            JSONValue.Member("positives", .integer(positives)),
            JSONValue.Member("top", .integer(top)),
            JSONValue.Member("lists", .integer(lists)),
        ]
    }

    /// The scope in a document of either file.
    init(_ document: JSONNode) throws(JSONError) {
        let partNode = try document.member("part")
        let partName = try partNode.string()
        guard let part = Part.allCases.first(where: { $0.name == partName }) else {
            throw partNode.mismatch("train, validation or test")
        }
        let users = try document.member("users")
        self.init(
            part: part,
            globalCTR: try document.member("global_ctr").double(),
            users: Users(
                total: try users.member("total").count(), evaluated: try users.member("evaluated").count(),
                singleClass: try users.member("single_class").count(),
                withoutRows: try users.member("without_test").count()),
            samples: try document.member("samples").count(),
            positives: try document.member("positives").count(),
            top: try document.member("top").count(),
            lists: try document.member("lists").count())
    }
}
