import OrderedJSON

extension Architecture {
    /// Reads the JSON that `json` writes. Keys may stand in any order; unknown ones are refused. The result is valid.
    public init(json: String) throws(ModelError) {
        do throws(JSONError) {
            try self.init(JSONNode(try JSONValue(json), path: "architecture"))
        } catch {
            throw ModelError(error.code == .shape ? .architecture : .file, error, in: "the architecture")
        }
        try validate()
    }

    private init(_ node: JSONNode) throws(JSONError) {
        try node.requireKeys(among: [
            "kind", "fields", "embedding_dimension", "hidden_sizes", "activation", "dropout", "cross_layers",
            "attention_sizes",
        ])
        self.init(
            kind: try node.member("kind").choice(),
            fields: try node.member("fields").elements().map { field throws(JSONError) in try Field(field) },
            embeddingDimension: try node.member("embedding_dimension").integer(),
            hiddenSizes: try node.member("hidden_sizes").integers(),
            activation: try node.optionalMember("activation")?.choice() ?? .relu,
            dropout: try node.optionalMember("dropout")?.double() ?? 0,
            crossLayers: try node.optionalMember("cross_layers")?.integer() ?? 0,
            attentionSizes: try node.optionalMember("attention_sizes")?.integers() ?? [])
    }

    /// One line of JSON, always the same for equal architectures. What is as most models have it is left out.
    public var json: String {
        var members: [JSONValue.Member] = [
            .init("kind", .string(kind.rawValue)), .init("fields", .array(fields.map(\.json))),
            .init("embedding_dimension", .integer(Int128(embeddingDimension))),
            .init("hidden_sizes", .array(hiddenSizes.map { .integer(Int128($0)) })),
        ]
        if activation != .relu { members.append(.init("activation", .string(activation.rawValue))) }
        if dropout != 0 { members.append(.init("dropout", .number(dropout))) }
        if crossLayers != 0 { members.append(.init("cross_layers", .integer(Int128(crossLayers)))) }
        if !attentionSizes.isEmpty {
            members.append(.init("attention_sizes", .array(attentionSizes.map { .integer(Int128($0)) })))
        }
        return JSONValue.object(members).text(.oneLine)
    }
}

extension Architecture.Field {
    fileprivate init(_ node: JSONNode) throws(JSONError) {
        try node.requireKeys(among: ["name", "kind", "rows", "pooling", "of"])
        self.init(
            name: try node.member("name").string(), kind: try node.member("kind").choice(),
            rows: try node.member("rows").integer(), pooling: try node.optionalMember("pooling")?.choice() ?? .mean,
            of: try node.optionalMember("of")?.string())
    }

    fileprivate var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("name", .string(name)), .init("kind", .string(kind.rawValue)), .init("rows", .integer(Int128(rows))),
        ]
        if pooling != .mean { members.append(.init("pooling", .string(pooling.rawValue))) }
        if let of { members.append(.init("of", .string(of))) }
        return .object(members)
    }
}
