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
            "unknown model kind 'dlrm'; known: lr, deepfm"
        ),
        (#"{"kind":"lr"}"#, "lacks the key 'fields'"),
        (#"{"kind":"lr","depth":3}"#, "unknown key 'depth'"),
        (field(#"{"name":"a","kind":"image","rows":2}"#), "'a' is of unknown kind 'image'"),
        (field(#"{"name":"","kind":"dense","rows":0}"#), "a field needs a name"),
        (field(#"{"name":"a","kind":"dense","rows":1}"#), "field 'a' has 1 rows"),
        (field(#"{"name":"a","kind":"categorical","rows":0}"#), "field 'a' has 0 rows"),
        (field(#"{"name":"a","kind":"categorical","rows":1e30}"#), "'rows' must be a whole number"),
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
        ("", "ends too early"), ("{", "must be a string"), ("[1", "',' or ']'"), (#"{"a":1,"a":2}"#, "stands twice"),
        ("nul", "not a JSON value"), ("01", "not a JSON value"), ("1 2", "after the end"), ("-", "not a JSON value"),
        (#""\ud800""#, "surrogate"), (#""\u12""#, "hexadecimal"), (#""\x""#, "unknown escape"), ("\"\n\"", "control"),
        ("\"abc", "without end"), ("1e999", "out of range"), ("1.", "digit must follow"),
        ("[]", "must be a JSON object"),
        (String(repeating: "[", count: 100_000), "nested deeper"),
    ])
    func `a bad description is refused in words`(json: String, words: String) {
        let error = #expect(throws: ModelError.self) { try Architecture(json: json) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    private static func field(_ json: String) -> String {
        #"{"kind":"lr","fields":[\#(json)],"embedding_dimension":0,"hidden_sizes":[]}"#
    }

    @Test func `JSON values are read as they are`() throws {
        let text = " {\"a\" : [ null , true,false, -12 , 1.5e2, \"\\u00e9\\ud83d\\ude42\\/\\t\" ] }\n"
        #expect(
            try JSONValue(text)
                == .object([
                    .init(
                        "a", .array([.null, .bool(true), .bool(false), .integer(-12), .number(150), .string("é🙂/\t")]))
                ]))
        #expect(throws: ModelError.self) { try JSONValue(utf8: [0x22, 0xFF, 0x22]) }
    }
}
