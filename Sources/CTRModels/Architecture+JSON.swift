extension Architecture {
    /// Reads the JSON that `json` writes. Keys may stand in any order; unknown ones are refused. The result is valid.
    public init(json: String) throws(ModelError) {
        let root = try JSONValue(json).members(
            of: "the architecture", ["kind", "fields", "embedding_dimension", "hidden_sizes"])
        let kindName = try root[0].string("kind")
        guard let kind = Kind(rawValue: kindName) else {
            let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw ModelError(.architecture, "unknown model kind '\(kindName)'; known: \(known)")
        }
        var fields: [Field] = []
        for value in try root[1].array("fields") {
            let members = try value.members(of: "a field", ["name", "kind", "rows"])
            let name = try members[0].string("name")
            let kindName = try members[1].string("kind")
            guard let kind = Field.Kind(rawValue: kindName) else {
                throw ModelError(.architecture, "field '\(name)' is of unknown kind '\(kindName)'")
            }
            fields.append(Field(name: name, kind: kind, rows: try members[2].integer("rows")))
        }
        var hiddenSizes: [Int] = []
        for value in try root[3].array("hidden_sizes") { hiddenSizes.append(try value.integer("hidden_sizes")) }
        self.init(
            kind: kind, fields: fields, embeddingDimension: try root[2].integer("embedding_dimension"),
            hiddenSizes: hiddenSizes)
        try validate()
    }

    /// One line of JSON, always the same for equal architectures.
    public var json: String {
        JSONValue.object([
            .init("kind", .string(kind.rawValue)),
            .init(
                "fields",
                .array(
                    fields.map { field in
                        .object([
                            .init("name", .string(field.name)), .init("kind", .string(field.kind.rawValue)),
                            .init("rows", .integer(field.rows)),
                        ])
                    })),
            .init("embedding_dimension", .integer(embeddingDimension)),
            .init("hidden_sizes", .array(hiddenSizes.map(JSONValue.integer))),
        ]).text
    }
}
