import OrderedJSON
import Testing

@Suite("Reading JSON")
struct JSONReaderTests {
    @Test(
        "takes what RFC 8259 allows",
        arguments: [
            ("null", .null), (" true\n", .bool(true)), ("\t\r\nfalse", .bool(false)), ("0", .integer(0)),
            ("-12", .integer(-12)), ("1.5e2", .number(150)), ("-0.50E+07", .number(-5_000_000)),
            ("1E-2", .number(0.01)), ("[ ]", .array([])), ("{ }", .object([])), ("\"\"", .string("")),
            ("[1,[null , 2]]", .array([.integer(1), .array([.null, .integer(2)])])),
            (#""a\"\\\/\b\f\n\r\té😀\u00E9\uD83D\ude00""#, .string("a\"\\/\u{8}\u{c}\n\r\té😀é😀")),
            (#"{"b": 1, "a": {"c": []}}"#, .object(["b": .integer(1), "a": .object(["c": .array([])])])),
        ] as [(String, JSONValue)])
    func allowed(_ text: String, _ value: JSONValue) throws {
        #expect(try JSONValue(text) == value)
        for layout in [JSONValue.Layout.oneLine, .indented] { #expect(try JSONValue(value.text(layout)) == value) }
    }

    @Test(
        "keeps integers exact and never makes one of another number",
        arguments: [
            ("18446744073709551615", .integer(.max as UInt64)), ("-9223372036854775808", .integer(.min as Int)),
            ("9007199254740993", .integer(9_007_199_254_740_993)),
            ("-170141183460469231731687303715884105728", .integer(.min as Int128)),
            ("170141183460469231731687303715884105728", .number(0x1p127)), ("1.0", .number(1)), ("1e0", .number(1)),
            ("1e-999", .number(0)),
        ] as [(String, JSONValue)])
    func numbers(_ text: String, _ value: JSONValue) throws {
        #expect(try JSONValue(text) == value)
    }

    @Test("keeps the sign of a zero")
    func negativeZero() throws {
        for text in ["-0", "-0.0", "-0e5"] {
            guard case .number(let value) = try JSONValue(text) else {
                Issue.record("\(text) is no number")
                continue
            }
            #expect(value.sign == .minus && value == 0)
        }
    }

    @Test(
        "says at which byte a document is wrong",
        arguments: [
            ("", 0), (" \n", 2), ("nul", 0), ("1 2", 2), ("01", 1), ("-", 1), ("-a", 1), ("1.", 2), ("1.e1", 2),
            ("1e", 2), ("1e+", 3), ("+1", 0), (".5", 0), ("NaN", 0), ("Infinity", 0), (" 1e999", 1),
            ("[-1e999]", 1), ("[1,]", 3), ("[1", 2), ("[1}", 2), ("[", 1), ("{", 1), ("{\"a\"}", 4), ("{\"a\":", 5),
            ("{\"a\":1,}", 7), ("{\"a\":1", 6), ("{\n \"a\": 1,\n  \"a\": 2}", 13), ("{\"a\":1,\"\\u0061\":2}", 7),
            ("{a: 1}", 1), ("{1: 1}", 1), ("\"é", 0), ("\"é\u{1}\"", 3), ("\"\n\"", 1), ("[1] // no", 4),
            ("\u{feff}1", 0), ("'a'", 0), (#""é\x""#, 3), (#""\u12g4""#, 1), (#""\u-001""#, 1), (#""\u12"#, 1),
            (#""\uD800""#, 1), (#""\uD800\n""#, 1), (#""\uD800\u0041""#, 1), (#""\uDC00""#, 1), (#""\"#, 1),
        ])
    func faults(_ text: String, _ offset: Int) throws {
        let error = try #require(throws: JSONError.self) { try JSONValue(text) }
        #expect(error.code == .syntax)
        #expect(error.byteOffset == offset, "\(error)")
    }

    @Test("counts offsets from the start of the bytes that it is given")
    func slice() throws {
        let bytes = Array("header [1, 2] tail".utf8)
        #expect(try JSONValue(utf8: bytes[6..<14]) == .array([.integer(1), .integer(2)]))
        let error = try #require(throws: JSONError.self) { try JSONValue(utf8: bytes[7...]) }
        #expect(error.byteOffset == 7)
        #expect(error.description == "error: there is more after the end of the document (byte 7)")
        #expect(throws: JSONError.self) { try JSONValue(utf8: bytes[7..<12]) }
        #expect(throws: JSONError.self) { try JSONValue(utf8: bytes[7..<7]) }
    }

    @Test("refuses text that is not UTF-8", arguments: [[0x22, 0xff, 0x22], [0x22, 0xc3, 0x22], [0xff]] as [[UInt8]])
    func notUTF8(_ bytes: [UInt8]) {
        #expect(throws: JSONError.self) { try JSONValue(utf8: bytes[...]) }
    }

    @Test("names a key that stands twice, in a form that a terminal can show")
    func duplicate() throws {
        let error = try #require(throws: JSONError.self) { try JSONValue(#"{"\u001bc": 1, "\u001bc": 2}"#) }
        #expect(error.message == #"the key "\u001bc" stands twice"#)
    }

    @Test("ends nesting before the stack does", arguments: ["[", "{\"a\":"])
    func depth(_ open: String) throws {
        let close = open == "[" ? "]" : "}"
        let deepest = String(repeating: open, count: 63) + "[]" + String(repeating: close, count: 63)
        _ = try JSONValue(deepest)
        let error = try #require(throws: JSONError.self) { try JSONValue(String(repeating: open, count: 1_000_000)) }
        #expect(error.message == "values are nested more than 64 deep")
        #expect(error.byteOffset == 64 * open.utf8.count)
    }

    private static let document = Array(
        #"{"a": [1.5e3, null, "é\u00e9\uD83D\uDE00"], "b": {"c": -0, "d": true}, "e": 18446744073709551615}"#.utf8)

    @Test("survives any byte of a document being any other")
    func mutations() throws {
        for index in Self.document.indices {
            for byte in UInt8.min...UInt8.max {
                var mutated = Self.document
                mutated[index] = byte
                // Either outcome is right; what counts is that there is one, and that it is stable.
                guard let value = try? JSONValue(utf8: mutated[...]) else { continue }
                #expect(try JSONValue(value.text(.oneLine)) == value)
                #expect(try JSONValue(value.text(.indented)) == value)
            }
        }
    }

    @Test("refuses a document that is torn at any byte")
    func torn() {
        for end in Self.document.indices {
            #expect(throws: JSONError.self) { try JSONValue(utf8: Self.document[..<end]) }
        }
    }
}
