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
        try node.requireKeys(among: ["kind", "fields", "embedding_dimension", "hidden_sizes"])
        self.init(
            kind: try node.member("kind").choice(),
            fields: try node.member("fields").elements().map { field throws(JSONError) in
                try field.requireKeys(among: ["name", "kind", "rows"])
                return Field(
                    name: try field.member("name").string(), kind: try field.member("kind").choice(),
                    rows: try field.member("rows").integer())
            },
            embeddingDimension: try node.member("embedding_dimension").integer(),
            hiddenSizes: try node.member("hidden_sizes").integers())
    }

    /// One line of JSON, always the same for equal architectures.
    public var json: String {
        let fields = fields.map { field in
            JSONValue.object([
                "name": .string(field.name), "kind": .string(field.kind.rawValue), "rows": .integer(field.rows),
            ])
        }
        return JSONValue.object([
            "kind": .string(kind.rawValue), "fields": .array(fields),
            "embedding_dimension": .integer(embeddingDimension),
            "hidden_sizes": .array(hiddenSizes.map { .integer($0) }),
        ]).text(.oneLine)
    }
}
