import Samples
import Testing

@testable import LogIngest

struct CSVParserTests {
    /// What became of a text: its rows, where they start, and the fault that ended it.
    struct Parsed: Equatable {
        var rows: [[String]] = []
        var lines: [Int] = []
        var offsets: [Int] = []
        var fault: CSVParser.Fault?
    }

    /// Parses `text`, given in pieces that end at `cuts`.
    static func parse(
        _ text: [UInt8], cuts: [Int], _ dialect: CSVDialect, columns: Int? = nil, most: Int = 1 << 20
    ) -> Parsed {
        var parser = CSVParser(dialect, columnCount: columns, mostRecordBytes: most)
        var block = RecordBlock()
        var parsed = Parsed()
        var start = 0
        for cut in cuts + [text.count] {
            block.dropUsed()
            block.bytes += text[start..<cut]
            start = cut
            let fault = parser.split(&block, isLast: cut == text.count)
            for row in 0..<block.count {
                parsed.rows.append(
                    (0..<block.columnCount).map { String(decoding: block.bytes[block.range(row, $0)], as: UTF8.self) })
                parsed.lines.append(block.records[row].line)
                parsed.offsets.append(block.position(row).byteOffset ?? -1)
            }
            if let fault {
                parsed.fault = fault
                break
            }
        }
        return parsed
    }

    static let comma = CSVDialect(delimiter: [0x2C], quote: 0x22)
    static let colons = CSVDialect(delimiter: Array("::".utf8), quote: nil)
    static let tab = CSVDialect(delimiter: [0x09], quote: nil)

    struct Case: CustomTestStringConvertible, Sendable {
        var text: String
        var rows: [[String]]
        var lines: [Int]
        var dialect = comma
        var columns: Int?
        var testDescription: String { text.debugDescription }
    }

    static let cases: [Case] = [
        Case(text: "", rows: [], lines: []),
        Case(text: "a", rows: [["a"]], lines: [1]),
        Case(text: "a,b\n1,2\n", rows: [["a", "b"], ["1", "2"]], lines: [1, 2]),
        Case(text: "a,b\n1,2", rows: [["a", "b"], ["1", "2"]], lines: [1, 2]),
        Case(text: "a,b\r\n1,2\r\n", rows: [["a", "b"], ["1", "2"]], lines: [1, 2]),
        Case(text: "a,b\r\n1,2\r", rows: [["a", "b"], ["1", "2"]], lines: [1, 2]),
        Case(text: "a,b\n1,2\r\n3,4\n", rows: [["a", "b"], ["1", "2"], ["3", "4"]], lines: [1, 2, 3]),
        Case(text: ",\n,", rows: [["", ""], ["", ""]], lines: [1, 2]),
        Case(text: "a,b,\n", rows: [["a", "b", ""]], lines: [1]),
        Case(text: "a\rb,c\n", rows: [["a\rb", "c"]], lines: [1]),
        // Blank lines: skipped, except where a row is one field.
        Case(text: "\n\na,b\n\n\r\n1,2\n\n", rows: [["a", "b"], ["1", "2"]], lines: [3, 6]),
        Case(text: "a\n\nb\n", rows: [["a"], [""], ["b"]], lines: [1, 2, 3]),
        Case(text: "\n", rows: [], lines: []),
        Case(text: "\n", rows: [[""]], lines: [1], columns: 1),
        Case(text: "\"\"\nx\n", rows: [[""], ["x"]], lines: [1, 2]),
        // Quotes.
        Case(text: "\"a\",\"b\"\n", rows: [["a", "b"]], lines: [1]),
        Case(text: "\"a,b\",c\n", rows: [["a,b", "c"]], lines: [1]),
        Case(text: "\"a\"\"b\",\"\"\"\"\n", rows: [["a\"b", "\""]], lines: [1]),
        Case(text: "\"\"\"a\"\" \"\"b\"\"\",c\r\n", rows: [["\"a\" \"b\"", "c"]], lines: [1]),
        Case(
            text: "\"a\nb\",c\r\n\"d\r\ne\",f\nx,y\n", rows: [["a\nb", "c"], ["d\r\ne", "f"], ["x", "y"]],
            lines: [1, 3, 5]),
        Case(text: "\"a\"\"\n\"\"b\",c\nd,e", rows: [["a\"\n\"b", "c"], ["d", "e"]], lines: [1, 3]),
        Case(text: "a,\"b\"", rows: [["a", "b"]], lines: [1]),
        Case(text: "a,\"b\"\r", rows: [["a", "b"]], lines: [1]),
        Case(text: "a,\"\"", rows: [["a", ""]], lines: [1]),
        Case(text: "5\" disk,a\"b\"\n", rows: [["5\" disk", "a\"b\""]], lines: [1]),
        Case(text: " \"a\",b\n", rows: [[" \"a\"", "b"]], lines: [1]),
        // Byte order mark; only at the start.
        Case(text: "\u{FEFF}a,b\n1,2\n", rows: [["a", "b"], ["1", "2"]], lines: [1, 2]),
        Case(text: "\u{FEFF}\"a\",b\n", rows: [["a", "b"]], lines: [1]),
        Case(text: "\u{FEFF}", rows: [], lines: []),
        Case(text: "a,\u{FEFF}b\n", rows: [["a", "\u{FEFF}b"]], lines: [1]),
        Case(text: "Ünï,日本\n🍵,\"é,é\"\n", rows: [["Ünï", "日本"], ["🍵", "é,é"]], lines: [1, 2]),
        // Other delimiters.
        Case(text: "1::2:3::\n", rows: [["1", "2:3", ""]], lines: [1], dialect: colons),
        Case(text: "a:::b\r\n::\n", rows: [["a", ":b"], ["", ""]], lines: [1, 2], dialect: colons),
        Case(text: "a::b:", rows: [["a", "b:"]], lines: [1], dialect: colons),
        Case(text: "\"a\t\"b\"\n", rows: [["\"a", "\"b\""]], lines: [1], dialect: tab),
        Case(
            text: "'a;|b';|'it''s'\n", rows: [["a;|b", "it's"]], lines: [1],
            dialect: CSVDialect(delimiter: Array(";|".utf8), quote: 0x27)),
        // Long fields cross the scanner's eight-byte steps.
        Case(
            text: "abcdefghijklmnop,\"abcdefgh\"\"ijklmnopq\"\n12345678,\n",
            rows: [
                ["abcdefghijklmnop", "abcdefgh\"ijklmnopq"], ["12345678", ""],
            ], lines: [1, 2]),
    ]

    @Test(arguments: cases)
    func findsTheSameRecordsHoweverTheTextIsCut(_ test: Case) {
        let text = Array(test.text.utf8)
        let whole = Self.parse(text, cuts: [], test.dialect, columns: test.columns)
        #expect(whole.rows == test.rows)
        #expect(whole.lines == test.lines)
        #expect(whole.fault == nil)
        for cut in 0...text.count {
            #expect(Self.parse(text, cuts: [cut], test.dialect, columns: test.columns) == whole, "cut at \(cut)")
        }
        let everywhere = Array(0..<text.count)
        #expect(Self.parse(text, cuts: everywhere, test.dialect, columns: test.columns) == whole, "single bytes")
    }

    struct BadCase: CustomTestStringConvertible, Sendable {
        var text: String
        var fault: CSVParser.Fault
        var rowsBefore: Int
        var testDescription: String { text.debugDescription }
    }

    static let badCases: [BadCase] = [
        BadCase(
            text: "a,b\n1\n",
            fault: .init(line: 2, byteOffset: 4, message: "the row has 1 field, not 2 as expected"), rowsBefore: 1),
        BadCase(
            text: "a,b\n\"x\ny\",2\n1,2,3\n4,5\n",
            fault: .init(line: 4, byteOffset: 12, message: "the row has 3 fields, not 2 as expected"), rowsBefore: 2),
        BadCase(
            text: "a,b\n1,\"2\n3,4\n",
            fault: .init(line: 2, column: 2, byteOffset: 6, message: "the quote is not closed"), rowsBefore: 1),
        BadCase(
            text: "a,b\n1,\"2\" \n",
            fault: .init(line: 2, column: 2, byteOffset: 9, message: "text stands after the closing quote"),
            rowsBefore: 1),
        BadCase(
            text: "\"a\"\"\"x,b\n",
            fault: .init(line: 1, column: 1, byteOffset: 5, message: "text stands after the closing quote"),
            rowsBefore: 0),
        BadCase(
            text: "\"a\"\rb\n",
            fault: .init(line: 1, column: 1, byteOffset: 3, message: "text stands after the closing quote"),
            rowsBefore: 0),
    ]

    @Test(arguments: badCases)
    func namesLineFieldAndByteOfWhatIsWrongHoweverTheTextIsCut(_ test: BadCase) {
        let text = Array(test.text.utf8)
        for cut in 0...text.count {
            let parsed = Self.parse(text, cuts: [cut], Self.comma)
            #expect(parsed.fault == test.fault, "cut at \(cut)")
            #expect(parsed.rows.count == test.rowsBefore, "cut at \(cut)")
        }
    }

    @Test
    func refusesALineThatIsTooLong() {
        let text = Array("a,b\n123456789,1\n1,2\n".utf8)
        for cut in 0...text.count {
            let parsed = Self.parse(text, cuts: [cut], Self.comma, most: 10)
            #expect(parsed.fault?.line == 2)
            #expect(parsed.fault?.byteOffset == 4)
            #expect(parsed.rows == [["a", "b"]])
            #expect(Self.parse(text, cuts: [cut], Self.comma, most: 11).fault == nil)
        }
    }

    @Test
    func refusesAnOpenQuoteOnceItIsLongerThanALineMayBe() {
        var parser = CSVParser(Self.comma, mostRecordBytes: 1000)
        var block = RecordBlock()
        block.bytes = Array("x,\"".utf8) + Array(repeating: 0x0A, count: 998)
        let fault = parser.split(&block, isLast: false)
        #expect(fault?.line == 1)
        #expect(fault?.message.contains("quote") == true)
    }

    @Test
    func givesTheRowsPlacesInTheStream() {
        let parsed = Self.parse(Array("\u{FEFF}ab,c\n\n\"d\n\",e\nf,g".utf8), cuts: [9], Self.comma)
        #expect(parsed.offsets == [3, 9, 16])
        #expect(parsed.lines == [1, 3, 5])
    }

    @Test
    func stopsAfterTheRecordsAskedFor() {
        var parser = CSVParser(Self.comma)
        var block = RecordBlock()
        block.bytes = Array("a,b\n1,2\n".utf8)
        #expect(parser.split(&block, isLast: true, mostRecords: 1) == nil)
        #expect(block.count == 1)
        #expect(block.usedCount == 4)
    }
}
