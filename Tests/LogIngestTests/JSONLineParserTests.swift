import CSimdjson
import Testing

@testable import LogIngest

struct JSONLineParserTests {
    /// What became of some lines.
    struct Parsed: Equatable {
        var rows: [[String]] = []
        var lines: [Int] = []
        var texts: [String] = []
        var faults: [RecordFault] = []
        var lineCount = 0

        init(_ block: RecordBlock) {
            for row in 0..<block.count {
                rows.append((0..<block.columnCount).map { Self.text(block.bytes[block.range(row, $0)]) })
                let record = block.records[row]
                lines.append(record.line)
                texts.append(Self.text(block.bytes[Int(record.start)..<Int(record.end)]))
            }
            faults = block.faults
            lineCount = block.lineCount
        }

        private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
    }

    static func parse(_ bytes: [UInt8], _ columns: [String], most: Int = 1 << 20) -> Parsed {
        var parser = JSONLineParser(columns: columns, mostRecordBytes: most)
        var block = RecordBlock()
        block.bytes = bytes
        block.textCount = bytes.count
        parser.split(&block)
        #expect(block.textCount == bytes.count)
        #expect(block.bytes[..<block.textCount].elementsEqual(bytes), "the text stays what it is")
        #expect(block.fields.count == block.count * columns.count)
        return Parsed(block)
    }

    static func parse(_ text: String, _ columns: [String], most: Int = 1 << 20) -> Parsed {
        parse(Array(text.utf8), columns, most: most)
    }

    /// The fields of one good line.
    static func fields(_ line: String, _ columns: [String]) -> [String]? {
        let parsed = parse(line, columns)
        return parsed.faults.isEmpty && parsed.rows.count == 1 ? parsed.rows[0] : nil
    }

    /// The fault of one line that gives no record.
    static func fault(_ line: String, _ columns: [String] = ["a"]) -> RecordFault? {
        let parsed = parse(line, columns)
        return parsed.rows.isEmpty && parsed.faults.count == 1 ? parsed.faults[0] : nil
    }

    // Values.

    @Test(arguments: [
        (#"{"a":"x"}"#, "x"), (#" { "a" : "x" } "#, "x"), ("\t{\"a\"\t:\t\"x\"}\t", "x"),
        (#"{"b":1,"a":"x","c":2}"#, "x"),
        (#"{"a":""}"#, ""), (#"{"a":null}"#, ""), ("{}", ""), (#"{"b":{"a":"x"}}"#, ""), (#"{"a":"日本 🍵"}"#, "日本 🍵"),
        (#"{"a":true}"#, "true"), (#"{"a":false}"#, "false"), (#"{"a":"null"}"#, "null"), (#"{"a":"x" }"#, "x"),
        (#"{"a":[]}"#, ""), (#"{"a":["x"]}"#, "x"), (#"{"a":[1,true,"x"]}"#, "1\u{1F}true\u{1F}x"),
        (#"{"a":[null,"x",null]}"#, "x"), (#"{"a":["","x",""]}"#, "\u{1F}x\u{1F}"),
        (#"{"a":[["Books","Fiction"],["Books"]]}"#, "Books\u{1F}Fiction\u{1F}Books"),
        (#"{"a":[[],[[]],["x",[[1]]]]}"#, "x\u{1F}1"),
        (#"{"a":[ "x\n" , "y" ]}"#, "x\n\u{1F}y"),
    ])
    func aValueIsItsText(_ line: String, _ field: String) {
        #expect(Self.fields(line, ["a"]) == [field])
    }

    @Test(arguments: [
        "0", "-0", "12", "9223372036854775807", "18446744073709551615", "123456789012345678901234567890", "1.0", "0.10",
        "1e5",
        "1E+05", "-1.25e-3", "1e999", String(repeating: "7", count: 5000),
    ])
    func numbersKeepTheirDigits(_ number: String) {
        #expect(Self.fields("{\"a\":\(number)}", ["a"]) == [number])
        #expect(Self.fields("{\"a\": \(number) , \"b\":0}", ["a"]) == [number])
        #expect(Self.fields("{\"b\":\(number),\"a\":[\(number)]}", ["a"]) == [number], "nor does one elsewhere matter")
    }

    @Test(arguments: [
        "01", "-", "+1", ".5", "5.", "1e", "1e+", "--1", "1.2.3", "0x10", "1_000", "NaN", "Infinity", "-Infinity",
        "1\u{0}",
        "1a", "1\"\"", "tru", "truex", "nul", "nulll", "TRUE", "undefined", "'x'", "\"x", "x\"", "\"x\"y", "\"x\"\"y\"",
        ":", ",", "]", "}", "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1}", "{", "{\"b\"", "{\"b\":", "{\"b\":1",
        "{\"b\":1,}", "{b:1}", "{\"b\" 1}", "{\"b\":1]", "{,}", "{1:2}", "{null:1}", "", " ", "\u{FEFF}1", "\u{0C}1",
        "\u{A0}1", "\"x\":1", "\"x\":{}", "[\"x\":1]", "{\"b\":\"x\":1}", "1:1", "{}:1", "1 // one", "/* one */ 1",
        "1;",
    ])
    func whatIsNotJSONIsAFaultWhereverItStands(_ value: String) {
        for column in ["a", "z"] {
            #expect(Self.fault("{\"a\":\(value)}", [column]) != nil)
            #expect(Self.fault("{\"z\":1,\"b\":[{\"a\":\(value)}],\"c\":2}", [column]) != nil)
        }
    }

    /// What simdjson's On-Demand would step over if a string were left untouched before a colon.
    @Test(arguments: [
        #"{"a":"x":1},"b":0}"#, #"{"b":["a":0,"c"]]}"#, #"{"b":[["c"],"a":]]}"#, #"{"a":"c":"d"},"b":{}}"#,
        #"{"b":0,"a":["c":[]]],"d":0}"#,
    ])
    func aStringThatIsNoKeyHasNoValue(_ line: String) {
        for column in ["a", "b", "z"] { #expect(Self.fault(line, [column]) != nil) }
    }

    @Test(arguments: [
        (#"\"\\\/"#, "\"\\/"), (#"\b\f\n\r\t"#, "\u{8}\u{C}\n\r\t"), (#"\u0041\u00e9\u65E5"#, "Aé日"),
        (#"\ud83c\udf75"#, "🍵"), (#"a\u0000b"#, "a\u{0}b"), (#"\u001f"#, "\u{1F}"), (#"x\\"#, "x\\"),
    ])
    func escapesAreUndone(_ escaped: String, _ text: String) {
        #expect(Self.fields("{\"a\":\"\(escaped)\"}", ["a"]) == [text])
        #expect(Self.fields("{\"\(escaped)\":\"x\"}", ["/" + text.pointerPart]) == ["x"], "in keys, too")
        #expect(Self.fields("{\"b\":\"\(escaped)\",\"\(escaped)\":{\"\(escaped)\":1},\"a\":\"x\"}", ["a"]) == ["x"])
    }

    @Test(arguments: [
        #"\x"#, #"\"#, #"\u12"#, #"\u12G4"#, #"\u"#, #"\U0041"#, #"\'"#, #"\0"#, #"\ud800"#, #"\udc00"#, #"\ud800x"#,
        #"\ud800\n"#, #"\ud800\u0041"#, #"\ud800\ud800"#, #"\udc00\ud800"#, "\u{0}", "\t", "\u{1F}",
    ])
    func whatAStringMustNotHoldIsAFault(_ escape: String) {
        for column in ["a", "z"] {
            #expect(Self.fault("{\"a\":\"\(escape)\"}", [column]) != nil, "as a value")
            #expect(Self.fault("{\"b\":[\"\(escape)\"]}", [column]) != nil, "in an array")
            #expect(Self.fault("{\"\(escape)\":1}", [column]) != nil, "as a key")
        }
    }

    @Test(
        arguments: [
            [0x80], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF], [0xE6, 0x97],
        ] as [[UInt8]])
    func textIsUTF8(_ bytes: [UInt8]) {
        for (before, after) in [(#"{"a":""#, #""}"#), (#"{"b":""#, #""}"#), (#"{""#, #"":1}"#), ("{} ", "")] {
            let parsed = Self.parse(Array(before.utf8) + bytes + Array(after.utf8), ["a"])
            #expect(parsed.rows.isEmpty)
            #expect(parsed.faults.map(\.message) == ["the line holds bytes that are not UTF-8"])
        }
    }

    // Paths.

    @Test func pathsLeadThroughObjectsAndArrays() {
        let line = #"""
            {"id":1,"user":{"id":2,"name":{"first":"A","last":null}},"items":[{"id":3},{"id":4,"tags":["x","y"]}],"a.b":5,"":{"":6},"x/y":{"~":7}}
            """#
        let expected = [
            "id": "1", "user.id": "2", "user.name.first": "A", "user.name.last": "", "user.none.first": "",
            "items.0.id": "3",
            "items.1.id": "4", "items.2.id": "", "items.01.id": nil, "items.1.tags": "x\u{1F}y", "items.1.tags.1": "y",
            "a.b": "",
            "/a.b": "5", "/user/name/first": "A", "/items/1/tags/0": "x", ".": "6", "//": "6", "/x~1y/~0": "7",
            "/x~1y/~": "7",
        ]
        for (column, field) in expected where column != "items.01.id" {
            #expect(Self.fields(line, [column]) == field.map { [$0] }, "\(column)")
        }
        #expect(Self.fault(line, ["items.01.id"]) != nil, "no index")
        let columns = expected.keys.filter { $0 != "items.01.id" }.sorted()
        #expect(Self.fields(line, columns) == columns.map { (expected[$0] ?? "") ?? "" }, "all at once")
    }

    @Test func aColumnMayBeWantedTwiceAndAnArrayWithItsItems() {
        let line = #"{"a":["x",["y","z\n"],"w"]}"#
        let columns = ["a", "a.0", "a", "a.1", "a.1.1", "/a/2", "a.3"]
        let all = "x\u{1F}y\u{1F}z\n\u{1F}w"
        #expect(Self.fields(line, columns) == [all, "x", all, "y\u{1F}z\n", "z\n", "w", ""])
    }

    @Test func theFirstOfTwoKeysCounts() {
        #expect(Self.fields(#"{"a":1,"a":2}"#, ["a"]) == ["1"])
        #expect(Self.fields(#"{"a":null,"\u0061":2}"#, ["a"]) == [""])
        #expect(Self.fields(#"{"a":{"b":1},"a":{"c":2}}"#, ["a.b", "a.c"]) == ["1", ""])
        #expect(Self.fault(#"{"a":1,"a":x}"#) != nil, "though the second is checked")
        #expect(
            Self.parse("{\"a\":1}\n{\"b\":1}\n{\"a\":2}", ["a"]).rows == [["1"], [""], ["2"]],
            "each line is a new object")
    }

    @Test(arguments: [
        (#"{"b":1,"a":{}}"#, ["b", "a"], "an object stands where `a` wants a value"),
        (#"{"b":1,"a":[1,{"c":1}]}"#, ["b", "a"], "an object stands where `a` wants a value"),
        (#"{"b":1,"a":"x"}"#, ["b", "a.c"], "a value stands where `a.c` leads on to a key or an index"),
        (#"{"b":1,"a":[{"c":1}]}"#, ["b", "a.c"], "an array stands where `a.c` leads on to a key"),
        (#"{"b":1,"a":["x\u001fy"]}"#, ["b", "a"], "an item of `a` holds U+001F, which stands between items"),
    ])
    func aValueOfTheWrongKindIsAFaultOfItsColumn(_ line: String, _ columns: [String], _ message: String) {
        let fault = Self.fault(line, columns)
        #expect(fault?.message == message)
        #expect(fault?.column == 2)
    }

    @Test func nullAndNothingAreMissingAllAlongThePath() {
        for line in ["{}", #"{"a":null}"#, #"{"a":{}}"#, #"{"a":[]}"#, #"{"a":{"b":null}}"#, #"{"a":{"b":{}}}"#] {
            #expect(Self.fields(line, ["a.b.c", "a.b.c.0"]) == ["", ""])
        }
    }

    // Lines.

    @Test func linesAreCountedAndBlankOnesSkipped() {
        let text = "{\"a\":1}\n\n \t\r\n{\"a\":2}\r\nbad\n{\"a\":\"\\n\"}\n\n{\"a\":4}"
        let parsed = Self.parse(text, ["a"])
        #expect(parsed.rows == [["1"], ["2"], ["\n"], ["4"]])
        #expect(parsed.lines == [0, 3, 5, 7])
        #expect(parsed.texts == ["{\"a\":1}", "{\"a\":2}", "{\"a\":\"\\n\"}", "{\"a\":4}"])
        #expect(parsed.lineCount == 7)
        #expect(parsed.faults == [RecordFault(line: 4, start: 22, end: 25, message: "the line is not a JSON object")])
        #expect(Self.parse(text + "\n", ["a"]).lineCount == 8)
        #expect(Self.parse("", ["a"]) == Self.Parsed(RecordBlock()))
    }

    @Test func aParserTakesBlockAfterBlock() {
        var parser = JSONLineParser(columns: ["a", "b"])
        var block = RecordBlock()
        for count in [3, 0, 1000, 1] {
            block = RecordBlock()
            let lines = (0..<count).map { "{\"b\":\"\\t\($0)\",\"a\":\($0)}\n" }
            block.bytes = Array(lines.joined().utf8)
            block.textCount = block.bytes.count
            parser.split(&block)
            let parsed = Self.Parsed(block)
            #expect(parsed.rows == (0..<count).map { ["\($0)", "\t\($0)"] })
            #expect(parsed.lineCount == count)
        }
    }

    @Test func aFaultyLineLeavesNoText() {
        var parser = JSONLineParser(columns: ["a"])
        var block = RecordBlock()
        block.bytes = Array(#"{"a":"\n","b":x}"#.utf8)
        block.textCount = block.bytes.count
        parser.split(&block)
        #expect(block.faults.count == 1)
        #expect(block.bytes.count == block.textCount)
    }

    @Test func theTextIsBounded() {
        let parser = csimdjson_make()
        defer { csimdjson_free(parser) }
        csimdjson_add_column(parser, "a", 1)
        for line in [#"{"a":"\n1234"}"#, #"{"a":[12,34]}"#] {
            let bytes = Array(line.utf8CString) + Array(repeating: 0, count: csimdjson_padding)
            var field = csimdjson_field()
            csimdjson_clear_text(parser)
            for (most, status) in [(4, csimdjson_too_much_text), (5, csimdjson_good), (9, csimdjson_too_much_text)] {
                #expect(csimdjson_parse(parser, bytes, line.utf8.count, most, &field).status == status)
                var length = 0
                _ = csimdjson_text(parser, &length)
                #expect(length == (most == 4 ? 0 : 5))
            }
        }
    }

    @Test func whatLiesBehindTheTextIsNeverRead() {
        for text in [#"{"a":1"#, #"{"a":"x"#, #"{"a":tru"#, #"{"a":[1"#, #"{"a":{}"#, "{"] {
            for rest in ["}", "\"}", "e}", "]}", "}}}}", #""a":1}"#] {
                let separate = Self.parse(text + "\n" + rest + "\n{\"a\":2}", ["a"])
                #expect(separate.rows == [["2"]])
                #expect(separate.faults.count == 2)
            }
        }
    }

    @Test func aLineLongerThanAllowedIsAFault() {
        let line = #"{"a":"xyz"}"#
        #expect(Self.parse(line, ["a"], most: line.utf8.count).rows == [["xyz"]])
        let parsed = Self.parse(line + "\n{}", ["a"], most: line.utf8.count - 1)
        #expect(parsed.faults.map(\.message) == ["the row is longer than 10 bytes"])
        #expect(parsed.rows == [[""]])
    }

    @Test(arguments: [
        #"{'reviewerID': 'A1', 'helpful': [0, 0]}"#, #"{ 'a': 1}"#, #"{u'a': 1}"#, #"{u"a": 1}"#, #"{"a": None}"#,
        #"{"b": [True], "a": 1}"#, #"{"a": False}"#, #"{'a': "it's"#,
    ])
    func aPythonDictionaryIsCalledSo(_ line: String) {
        #expect(Self.fault(line)?.message == "looks like a Python dictionary, not JSON; convert it first")
    }

    @Test(arguments: [
        ("[1]", "the line holds an array, not an object"), ("5", "the line is not a JSON object"),
        ("{} {}", "something stands behind the line's object"), ("{}}", "something stands behind the line's object"),
        ("{},", "the line is not valid JSON at or after byte 1"), (#"{"a":"x}"#, "a string is not closed"),
        (#"{"b":1,"a":01}"#, "the line is not valid JSON at or after byte 12"),
    ])
    func aFaultSaysWhatIsWrong(_ line: String, _ message: String) {
        #expect(Self.fault(line)?.message == message)
    }

    // Hostile lines.

    /// Values for every kind of step that the parser takes.
    static let line = #"{"id":-12.5e3,"user":{"name":"J\u00f6 \"x\"","ok":true},"tags":["é",["b\n"],null,7],"n":null}"#
    static let columns = ["id", "user.name", "tags", "n", "tags.1"]

    @Test func everyPrefixOfALineIsAFault() {
        let bytes = Array(Self.line.utf8)
        #expect(Self.parse(bytes, Self.columns).rows == [["-12.5e3", "Jö \"x\"", "é\u{1F}b\n\u{1F}7", "", "b\n"]])
        for count in 1..<bytes.count {
            for end in ["", "\n", "\r\n", " \n{}"] {
                let parsed = Self.parse(Array(bytes[..<count]) + Array(end.utf8), Self.columns)
                #expect(parsed.faults.count == 1, "cut at \(count)")
                #expect(parsed.rows == (end.count > 2 ? [["", "", "", "", ""]] : []))
            }
        }
    }

    @Test func lineWithAnyBitFlippedIsReadAsPythonReadsIt() throws {
        let verdicts = try Fixture.lines("json-flips.tsv").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false)
        }
        let line = Array(try #require(verdicts.first?.first).utf8)
        var accepted: [[Int]: [String]] = [:]
        for verdict in verdicts.dropFirst() {
            accepted[verdict.prefix(2).compactMap { Int($0) }] = verdict.dropFirst(2).map(String.init)
        }
        for (place, bit) in line.indices.flatMap({ place in (0..<8).map { (place, $0) } }) {
            var flipped = line
            flipped[place] ^= 1 << UInt8(bit)
            let parsed = Self.parse(flipped, Self.columns)
            if let fields = accepted[[place, bit]] {
                #expect(parsed.rows.map { $0.map(\.hex) } == [fields], "byte \(place), bit \(bit)")
                #expect(parsed.faults.isEmpty)
            } else {
                #expect(parsed.rows.isEmpty, "byte \(place), bit \(bit)")
                #expect(!parsed.faults.isEmpty)
            }
        }
        #expect(accepted.count > 100 && accepted.count < 8 * line.count - 100)
    }

    @Test func nestingIsLimited() {
        func nested(_ open: String, _ close: String, _ count: Int) -> String {
            "{\"a\":" + String(repeating: open, count: count) + String(repeating: close, count: count) + "}"
        }
        #expect(Self.fields(nested("[", "]", 127), ["a"]) == [""])
        #expect(Self.fields(nested("[", "]", 127), ["b"]) == [""])
        for depth in [128, 10_000, 200_000] {
            for line in [nested("[", "]", depth), nested("{\"a\":", "}", depth), nested("[", "", depth)] {
                #expect(Self.fault(line) != nil)
                #expect(Self.fault(line, ["b"]) != nil)
            }
        }
        #expect(Self.fault(nested("[", "]", 128))?.message == "objects and arrays nest deeper than 128 levels")
    }

    @Test func longValuesAreReadWhole() {
        let plain = String(repeating: "0123456789abcdef", count: 1 << 16)
        #expect(Self.parse("{\"a\":\"\(plain)\"}", ["a"], most: 2 << 20).rows == [[plain]])
        let escapes = String(repeating: #"\u00e9\n"#, count: 1 << 16)
        let text = String(repeating: "é\n", count: 1 << 16)
        #expect(
            Self.parse("{\"a\":\"\(escapes)\",\"b\":[\"\(escapes)\"]}", ["b", "a"], most: 4 << 20).rows == [
                [text, text]
            ])
        let items = 1...100_000
        let array = "[" + items.map(String.init).joined(separator: ",") + "]"
        #expect(
            Self.parse("{\"a\":\(array)}", ["a"], most: 2 << 20).rows == [
                [items.map(String.init).joined(separator: "\u{1F}")]
            ])
    }
}

extension String {
    /// The bytes in hexadecimal.
    fileprivate var hex: String {
        utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// A key as part of a JSON Pointer.
    fileprivate var pointerPart: String {
        split(separator: "~", omittingEmptySubsequences: false).joined(separator: "~0")
            .split(separator: "/", omittingEmptySubsequences: false).joined(separator: "~1")
    }
}
