import Testing

@testable import CTRModels

@Suite struct ArchitectureTests {
    @Test(arguments: Small.all + [Small.deep(.deepfm, dropout: 0.25)])
    func `JSON brings an architecture back`(architecture: Architecture) throws {
        #expect(try Architecture(json: architecture.json) == architecture)
    }

    @Test func `names of any kind survive, and the text is always the same`() throws {
        let fields = [Architecture.Field(name: "a\"b\\c\n\u{1}é🙂", kind: .categorical, rows: 2)]
        let json = Architecture(kind: .lr, fields: fields).json
        #expect(
            json == #"{"kind":"lr","fields":[{"name":"a\"b\\c\u000a\u0001é🙂","kind":"categorical","rows":2}],"#
                + #""embedding_dimension":0,"hidden_sizes":[]}"#)
        #expect(try Architecture(json: json).fields == fields)
    }

    @Test(arguments: [
        (#"{"kind":"lr","fields":[],"embedding_dimension":0,"hidden_sizes":[]}"#, "at least one field"),
        (
            #"{"kind":"dlrm","fields":[],"embedding_dimension":0,"hidden_sizes":[]}"#,
            "architecture.kind must be one of lr, fm, wide-deep, deepfm, pnn, dcn-v2, din, dien"
        ),
        (#"{"kind":"lr"}"#, "architecture.fields is missing"),
        (#"{"kind":"lr","depth":3}"#, "architecture.depth is not known"),
        (
            field(#"{"name":"a","kind":"image","rows":2}"#),
            "architecture.fields[0].kind must be one of categorical, multivalued, dense"
        ),
        (field(#"{"name":"","kind":"dense","rows":0}"#), "a field needs a name"),
        (field(#"{"name":"a","kind":"dense","rows":1}"#), "field 'a' has 1 rows"),
        (field(#"{"name":"a","kind":"categorical","rows":0}"#), "field 'a' has 0 rows"),
        (field(#"{"name":"a","kind":"categorical","rows":1e30}"#), "architecture.fields[0].rows must be an integer"),
        (field(#"{"name":"a","kind":"categorical","rows":9223372036854775807}"#), "field 'a' has"),
        (
            field(#"{"name":"a","kind":"dense","rows":0},{"name":"a","kind":"dense","rows":0}"#),
            "two fields are named 'a'"
        ),
        (
            #"{"kind":"lr","fields":[{"name":"a","kind":"dense","rows":0}],"embedding_dimension":4,"hidden_sizes":[]}"#,
            "lr has no embeddings"
        ),
        (
            #"{"kind":"deepfm","fields":[{"name":"a","kind":"dense","rows":0}],"embedding_dimension":0,"hidden_sizes":[]}"#,
            "embedding dimension must be"
        ),
        (
            #"{"kind":"deepfm","fields":[{"name":"a","kind":"dense","rows":0}],"embedding_dimension":1,"hidden_sizes":[-1]}"#,
            "hidden sizes must be"
        ),
        (
            field(#"{"name":"a","kind":"dense","rows":0,"pooling":"sum"}"#),
            "field 'a' has nothing to pool: dense fields hold no list"
        ),
        (
            field(#"{"name":"a","kind":"categorical","rows":2},{"name":"b","kind":"history","rows":0,"of":"a"}"#),
            "lr reads no history"
        ),
        (field(#"{"name":"a","kind":"categorical","rows":2,"of":"b"}"#), "it is of no other field"),
        (history(of: "c"), "field 'b' must be the history of a categorical field"),
        (history(of: "b"), "field 'b' must be the history of a categorical field"),
        (history(of: "a", rows: 3), "field 'b' has 3 rows; history fields have 0"),
        (deep(#""kind":"din""#), "din reads a history: it needs a field of kind history"),
        (deep(#""kind":"dcn-v2""#), "dcn-v2 has 1 to 4096 cross layers"),
        (deep(#""kind":"deepfm","cross_layers":1"#), "deepfm has no cross layers"),
        (deep(#""kind":"deepfm","attention_sizes":[4]"#), "deepfm has no attention layers"),
        (deep(#""kind":"deepfm","dropout":1"#), "dropout must be at least 0 and below 1"),
        (deep(#""kind":"deepfm","activation":"tanh""#), "activation must be one of relu, prelu, dice"),
        (deep(#""kind":"fm","activation":"dice""#), "fm has no layers to put dice after"),
        (deep(#""kind":"fm","dropout":0.5"#), "fm has no hidden layers to leave outputs out of"),
        ("", "the architecture is not JSON: the document ends where a value should stand (byte 0)"),
        (#"{"a":1,"a":2}"#, "stands twice"), ("1 2", "after the end"), (#""\ud800""#, "surrogate"),
        ("[]", "architecture must be an object"),
        (String(repeating: "[", count: 200), "nested more than"),
    ])
    func `a bad description is refused in words`(json: String, words: String) {
        let error = #expect(throws: ModelError.self) { try Architecture(json: json) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    private static func field(_ json: String) -> String {
        #"{"kind":"lr","fields":[\#(json)],"embedding_dimension":0,"hidden_sizes":[]}"#
    }

    private static func history(of: String, rows: Int = 0) -> String {
        #"{"kind":"din","fields":[{"name":"a","kind":"categorical","rows":2},{"name":"b","kind":"history","rows":\#(rows),"#
            + #""of":"\#(of)"}],"embedding_dimension":2,"hidden_sizes":[]}"#
    }

    private static func deep(_ members: String) -> String {
        #"{\#(members),"fields":[{"name":"a","kind":"categorical","rows":2}],"embedding_dimension":2,"hidden_sizes":[]}"#
    }
}
