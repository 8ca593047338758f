import Testing

@testable import CTRModels

@Suite struct ArchitectureTests {
    @Test(arguments: [Small.lr, Small.deepfm]) func `JSON brings an architecture back`(architecture: Architecture)
        throws
    {
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
            "architecture.kind must be one of lr, deepfm"
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
}
