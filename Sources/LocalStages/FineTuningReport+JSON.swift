import FineTuning
import OrderedJSON
import Samples

extension FineTuningReport.Record {
    init(_ node: JSONNode) throws(JSONError) {
        try node.requireKeys(among: [
            "users", "kept", "outcomes", "gate", "overlays", "overlay_bytes", "most_overlay_bytes", "named",
        ])
        counts.users = try node.member("users").count()
        counts.kept = try node.member("kept").count()
        counts.outcomes = try Self.numbers(node.member("outcomes"))
        counts.gateReasons = try Self.numbers(node.member("gate"))
        counts.overlays = try node.member("overlays").count()
        counts.overlayBytes = try node.member("overlay_bytes").count()
        counts.mostOverlayBytes = try node.member("most_overlay_bytes").count()
        named = try node.member("named").elements().map { user throws(JSONError) in
            let key: UserKey =
                if let integer = try user.optionalMember("integer") {
                    .integer(try integer.integer())
                } else {
                    .text(try user.member("user").string())
                }
            return FineTuningReport.NamedUser(user: key, text: try user.member("text").string())
        }
    }

    /// The record as a checkpoint holds it.
    var json: JSONValue {
        .object([
            "users": .integer(counts.users), "kept": .integer(counts.kept), "outcomes": Self.json(counts.outcomes),
            "gate": Self.json(counts.gateReasons), "overlays": .integer(counts.overlays),
            "overlay_bytes": .integer(counts.overlayBytes), "most_overlay_bytes": .integer(counts.mostOverlayBytes),
            "named": .array(
                named.map { user in
                    let key: JSONValue.Member =
                        switch user.user {
                        case .integer(let integer): .init("integer", .integer(Int128(integer)))
                        case .text(let text): .init("user", .string(text))
                        }
                    return .object([key, .init("text", .string(user.text))])
                }),
        ])
    }

    private static func numbers<Key: RawRepresentable<String> & CaseIterable & Hashable>(
        _ node: JSONNode
    ) throws(JSONError) -> [Key: Int] {
        var numbers: [Key: Int] = [:]
        for (name, number) in try node.members() {
            guard let key = Key(rawValue: name) else { throw number.mismatch("a name that is known") }
            numbers[key] = try number.count()
        }
        return numbers
    }

    private static func json<Key: RawRepresentable<String> & CaseIterable & Hashable>(
        _ numbers: [Key: Int]
    ) -> JSONValue {
        .object(Key.allCases.compactMap { key in numbers[key].map { .init(key.rawValue, .integer($0)) } })
    }
}
