import Samples
import Testing

@testable import Evaluation

@Suite("The JSON parser")
struct JSONParserTests {
    private func parse(_ bytes: [UInt8]) throws(StageError) -> JSONValue {
        var parser = JSONParser(bytes, file: "x.json")
        return try parser.parse()
    }

    @Test(
        "takes what RFC 8259 allows",
        arguments: [
            ("null", .null), (" true\n", .bool(true)), ("false", .bool(false)), ("0", .number("0")),
            ("-0.50E+07", .number("-0.50E+07")), ("[ ]", .array([])), ("{ }", .object([JSONValue.Member]())),
            ("\"\"", .string("")), ("[1,[null , 2]]", .array([.number("1"), .array([.null, .number("2")])])),
            (#""a\"\\\/\b\f\n\r\té😀\u00E9\uD83D\uDE00""#, .string("a\"\\/\u{8}\u{c}\n\r\té😀é😀")),
            (
                #"{"b": 1, "a": {"c": []}}"#,
                .object([
                    JSONValue.Member(key: "b", value: .number("1")),
                    JSONValue.Member(key: "a", value: .object(["c": .array([])])),
                ])
            ),
        ] as [(String, JSONValue)])
    func allowed(_ text: String, _ value: JSONValue) throws {
        #expect(try parse(Array(text.utf8)) == value)
        #expect(try parse(value.bytes()) == value)
    }

    @Test(
        "says where a document is wrong",
        arguments: [
            ("", 1, 1), ("nul", 1, 1), ("1 2", 1, 3), ("01", 1, 2), ("-", 1, 2), ("1.", 1, 3), ("1e", 1, 3),
            ("+1", 1, 1),
            (".5", 1, 1), ("NaN", 1, 1), ("[1,]", 1, 4), ("[1", 1, 3), ("[1}", 1, 3), ("{", 1, 2), ("{\"a\"}", 1, 5),
            ("{\"a\":1,}", 1, 8), ("{\n \"a\": 1,\n  \"a\": 2}", 3, 3), ("{a: 1}", 1, 2), ("\"é", 1, 1),
            ("\"\u{1}\"", 1, 2),
            (#""é\x""#, 1, 3), (#""\u12g4""#, 1, 2), (#""\u-001""#, 1, 2), (#""\u12"#, 1, 2), (#""\uD800""#, 1, 2),
            (#""\uD800\u0041""#, 1, 2), (#""\uDC00""#, 1, 2), (#""\"#, 1, 2),
        ])
    func faults(_ text: String, _ line: Int, _ column: Int) throws {
        let error = try #require(throws: StageError.self) { try parse(Array(text.utf8)) }
        #expect(error.position == SourcePosition(file: "x.json", line: line, column: column))
    }

    @Test("refuses text that is not UTF-8", arguments: [[0x22, 0xff, 0x22], [0x22, 0xc3, 0x22], [0xff]] as [[UInt8]])
    func notUTF8(_ bytes: [UInt8]) {
        #expect(throws: StageError.self) { try parse(bytes) }
    }

    @Test("ends nesting before the stack does")
    func depth() throws {
        let open = { (count: Int) in Array(repeating: UInt8(ascii: "["), count: count) }
        let close = { (count: Int) in Array(repeating: UInt8(ascii: "]"), count: count) }
        _ = try parse(open(64) + close(64))
        let error = try #require(throws: StageError.self) { try parse(open(1_000_000)) }
        #expect(error.message == "values are nested more than 64 deep")
    }

    @Test("survives any byte of a document being any other")
    func mutations() throws {
        let document = Array(#"{"a": [1.5e3, null, "é\u00e9"], "b": {"c": -0}}"#.utf8)
        for index in document.indices {
            for byte in UInt8.min...UInt8.max {
                var mutated = document
                mutated[index] = byte
                // Either outcome is right; what counts is that there is one, and that it is stable.
                guard let value = try? parse(mutated) else { continue }
                #expect(try parse(value.bytes()) == value)
            }
        }
    }
}
