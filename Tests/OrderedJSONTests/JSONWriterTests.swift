import OrderedJSON
import Testing

@Suite("Writing JSON")
struct JSONWriterTests {
    private static let value = JSONValue.object([
        "z": .integer(-3), "a": .array([]), "list": .array([.number(1), .null, .string("x")]), "empty": .object([]),
        "flat": .object(["on": .bool(true), "off": .array([.bool(false)])]),
        "nested": .object(["flat": .object(["b": .integer(2), "a": .integer(1)])]),
        "rows": .array([.object(["n": .number(0.1)]), .array([.integer(1)])]),
    ])

    @Test("puts a document on one line without spaces, keys in their order")
    func oneLine() {
        #expect(
            Self.value.text(.oneLine)
                == #"{"z":-3,"a":[],"list":[1.0,null,"x"],"empty":{},"flat":{"on":true,"off":[false]},"#
                + #""nested":{"flat":{"b":2,"a":1}},"rows":[{"n":0.1},[1]]}"#)
    }

    @Test("indents what holds more than numbers, texts and lists of these")
    func indented() {
        #expect(
            Self.value.text(.indented) == """
                {
                  "z": -3,
                  "a": [],
                  "list": [1.0, null, "x"],
                  "empty": {},
                  "flat": {"on": true, "off": [false]},
                  "nested": {
                    "flat": {"b": 2, "a": 1}
                  },
                  "rows": [
                    {"n": 0.1},
                    [1]
                  ]
                }

                """)
        #expect(JSONValue.null.text(.indented) == "null\n")
    }

    @Test("writes numbers with the shortest digits that give them back")
    func numbers() throws {
        let numbers = [0.1 + 0.2, .leastNonzeroMagnitude, 1e300, -0.0, .greatestFiniteMagnitude, 1.0 / 3, 1e16]
        let text = JSONValue.array(numbers.map { .number($0) }).text(.oneLine)
        #expect(text == "[0.30000000000000004,5e-324,1e+300,-0.0,1.7976931348623157e+308,0.3333333333333333,1e+16]")
        let read = try JSONNode(JSONValue(text)).elements().map { node throws(JSONError) in try node.double().bitPattern
        }
        #expect(read == numbers.map(\.bitPattern))
    }

    @Test("writes null for what JSON has no number for")
    func notFinite() {
        #expect(
            JSONValue.array([.number(.nan), .number(-.infinity), .number(nil as Double?)]).text(.oneLine)
                == "[null,null,null]")
    }

    @Test("escapes what it must, in keys as in texts")
    func escapes() throws {
        let text = "a\"b\\c\n\u{1}\u{7f}é🙂/"
        let value = JSONValue.object([JSONValue.Member(text, .string(text))])
        let quoted = #""a\"b\\c\u000a\u0001"# + "\u{7f}é🙂/\""
        #expect(value.text(.oneLine) == "{\(quoted):\(quoted)}")
        #expect(try JSONValue(value.text(.indented)) == value)
    }
}
