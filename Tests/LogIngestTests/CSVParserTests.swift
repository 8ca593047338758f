import Samples
import Testing

@testable import LogIngest

struct CSVParserTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var text: String
        var rows: [[String]]
        var lines: [Int]
        var dialect = CSVDialect.comma
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
        Case(text: "a,\u{FEFF}b\n", rows: [["a", "\u{FEFF}b"]], lines: [1]),
        Case(text: "Ünï,日本\n🍵,\"é,é\"\n", rows: [["Ünï", "日本"], ["🍵", "é,é"]], lines: [1, 2]),
        // Other delimiters.
        Case(text: "1::2:3::\n", rows: [["1", "2:3", ""]], lines: [1], dialect: .colons),
        Case(text: "a:::b\r\n::\n", rows: [["a", ":b"], ["", ""]], lines: [1, 2], dialect: .colons),
        Case(text: "a::b:", rows: [["a", "b:"]], lines: [1], dialect: .colons),
        Case(text: "\"a\t\"b\"\n", rows: [["\"a", "\"b\""]], lines: [1], dialect: .tab),
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
        let whole = SplitText(text, test.dialect, columns: test.columns)
        #expect(whole.rows == test.rows)
        #expect(whole.lines == test.lines)
        #expect(whole.faults.isEmpty)
        expectTheSameHoweverCut(text, whole, test.dialect, columns: test.columns)
    }

    /// Cuts `text` once at every place, and into single bytes.
    private func expectTheSameHoweverCut(
        _ text: [UInt8], _ whole: SplitText, _ dialect: CSVDialect, columns: Int? = nil, most: Int = 1 << 20
    ) {
        for cut in 0...text.count {
            let parts = SplitText(text, cuts: [cut], dialect, columns: columns, most: most)
            #expect(parts == whole, "cut at \(cut)")
        }
        let bytes = SplitText(text, cuts: Array(0..<text.count), dialect, columns: columns, most: most)
        #expect(bytes == whole, "single bytes")
    }

    struct BadCase: CustomTestStringConvertible, Sendable {
        var text: String
        var rows: [[String]]
        var faults: [SplitText.Fault]
        var dialect = CSVDialect.comma
        var columns: Int?
        var most = 1 << 20
        var testDescription: String { text.debugDescription }
    }

    static func fault(
        _ line: Int, _ offset: Int, column: Int? = nil, _ text: String, _ message: String
    ) -> SplitText.Fault {
        SplitText.Fault(line: line, column: column, offset: offset, text: text, message: message)
    }

    static let notClosed = "the quote is not closed"
    static let afterQuote = "text stands after the closing quote"
    static func tooLong(_ most: Int) -> String { "the row is longer than \(most) bytes; is a quote not closed?" }
    static func count(_ found: Int, _ expected: Int) -> String {
        "the row has \(found == 1 ? "1 field" : "\(found) fields"), not \(expected) as expected"
    }

    static let badCases: [BadCase] = [
        // Another number of fields.
        BadCase(text: "a,b\n1\n2,3\n", rows: [["a", "b"], ["2", "3"]], faults: [fault(2, 4, "1", count(1, 2))]),
        BadCase(
            text: "a,b\r\n1,2,3\r\n\r\n4,5", rows: [["a", "b"], ["4", "5"]], faults: [fault(2, 5, "1,2,3", count(3, 2))]
        ),
        BadCase(
            text: "a,b\n\"x\ny\",2\n1,\"2\n\",3\n4,5\n", rows: [["a", "b"], ["x\ny", "2"], ["4", "5"]],
            faults: [fault(4, 12, "1,\"2\n\",3", count(3, 2))]),
        BadCase(
            text: "1\t2\t3\n4\t5\n6", rows: [["4", "5"]],
            faults: [
                fault(1, 0, "1\t2\t3", count(3, 2)), fault(3, 10, "6", count(1, 2)),
            ], dialect: .tab, columns: 2),
        // A quoted field without a closing quote: only the line on which its record starts is given up.
        BadCase(
            text: "a,b\n1,\"2\n3,4\n5,6", rows: [["a", "b"], ["3", "4"], ["5", "6"]],
            faults: [fault(2, 6, column: 1, "1,\"2", notClosed)]),
        BadCase(text: "a,b\n\"", rows: [["a", "b"]], faults: [fault(2, 4, column: 0, "\"", notClosed)]),
        BadCase(
            text: "\"a\n\"\"b\r\nc,d\n", rows: [],
            faults: [
                fault(1, 0, column: 0, "\"a", notClosed), fault(2, 5, column: 0, "\"\"b", afterQuote),
                fault(3, 8, "c,d", count(2, 1)),
            ], columns: 1),
        BadCase(
            text: "a,b\n1,\"2\n3,\"4\n5,6\n", rows: [["a", "b"], ["5", "6"]],
            faults: [fault(2, 12, column: 1, "1,\"2\n3,\"4", afterQuote)]),
        BadCase(
            text: "1,\"2\r\n3,4\r\n", rows: [["3", "4"]], faults: [fault(1, 2, column: 1, "1,\"2", notClosed)]),
        // Text behind a closing quote: all lines of the field are given up.
        BadCase(
            text: "a,b\n1,\"2\" \n3,4\n", rows: [["a", "b"], ["3", "4"]],
            faults: [fault(2, 9, column: 1, "1,\"2\" ", afterQuote)]),
        BadCase(
            text: "\"a\"\"\"x,b\n1,2\n", rows: [["1", "2"]],
            faults: [fault(1, 5, column: 0, "\"a\"\"\"x,b", afterQuote)]),
        BadCase(
            text: "\"a\"\rb\nc\n", rows: [["c"]], faults: [fault(1, 3, column: 0, "\"a\"\rb", afterQuote)]),
        BadCase(
            text: "1,\"x\ny\"z\r\n3,4\r\n", rows: [["3", "4"]],
            faults: [fault(1, 7, column: 1, "1,\"x\ny\"z", afterQuote)], columns: 2),
        BadCase(text: "\"a\"b", rows: [], faults: [fault(1, 3, column: 0, "\"a\"b", afterQuote)]),
        // Too long.
        BadCase(
            text: "a,b\n123456789,1\n1,2\n", rows: [["a", "b"], ["1", "2"]],
            faults: [fault(2, 4, "123456789,", tooLong(10))], most: 10),
        BadCase(
            text: "12345678901234567890\r\n12\n", rows: [["12"]], faults: [fault(1, 0, "1234", tooLong(4))],
            dialect: .tab, columns: 1, most: 4),
        BadCase(
            text: "1,\"23\n5\"\n6,7\n", rows: [["6", "7"]],
            faults: [fault(1, 0, "1,\"23", tooLong(6)), fault(2, 6, "5\"", count(1, 2))], columns: 2, most: 6),
        BadCase(
            text: "1,\"2\n3,4\n5,6\n7,8\n", rows: [["3", "4"], ["5", "6"], ["7", "8"]],
            faults: [fault(1, 0, "1,\"2", tooLong(8))], most: 8),
        BadCase(
            text: "1,\"2\"3456789\n3,4\n", rows: [["3", "4"]],
            faults: [fault(1, 5, column: 1, "1,\"2\"345", afterQuote)], most: 8),
        BadCase(
            text: String(repeating: "x", count: 300) + "\n1,2\n", rows: [["1", "2"]],
            faults: [fault(1, 0, "xxxxx", tooLong(5))], columns: 2, most: 5),
        BadCase(
            text: "\"34567\"x\n1\n\"3456\"x\n", rows: [["1"]],
            faults: [
                fault(1, 0, "\"34567", tooLong(6)), fault(3, 17, column: 0, "\"3456\"", afterQuote),
            ], columns: 1, most: 6),
        // As far as a search for a closing quote went in vain, records are of one line.
        BadCase(
            text: "1,\"2\na\",\"\"\"\n6,7\n\"8\n\",9\n\"\n", rows: [["6", "7"], ["8\n", "9"]],
            faults: [
                fault(1, 0, "1,\"2", tooLong(10)), fault(2, 8, column: 1, "a\",\"\"\"", notClosed),
                fault(6, 23, column: 0, "\"", notClosed),
            ], columns: 2, most: 10),
        BadCase(
            text: "1,\"2\n3,\"\"\na\",\"\"\"\n5,6\n", rows: [["3", ""], ["5", "6"]],
            faults: [
                fault(1, 13, column: 2, "1,\"2", notClosed), fault(3, 13, column: 1, "a\",\"\"\"", notClosed),
            ], columns: 2),
        BadCase(
            text: "1,2\n\"" + String(repeating: "\n", count: 300) + "3,4\n" + String(repeating: "x", count: 300),
            rows: [["1", "2"], ["3", "4"]],
            faults: [
                fault(2, 4, "\"", tooLong(100)), fault(303, 309, String(repeating: "x", count: 100), tooLong(100)),
            ],
            most: 100),
    ]

    @Test(arguments: badCases)
    func goesOnBehindWhatIsWrongHoweverTheTextIsCut(_ test: BadCase) {
        let text = Array(test.text.utf8)
        let whole = SplitText(text, test.dialect, columns: test.columns, most: test.most)
        #expect(whole.rows == test.rows)
        #expect(whole.faults == test.faults)
        expectTheSameHoweverCut(text, whole, test.dialect, columns: test.columns, most: test.most)
    }

    /// Lines that each open a quote which no later line closes: not a search through a MiB for each.
    @Test(.timeLimit(.minutes(10)))
    func isNotSlowedDownByQuotesThatAreNeverClosed() {
        let lines = 100_000
        let text = Array(String(repeating: "a\",\"\"\"\n", count: lines).utf8)
        let whole = SplitText(text, .comma, columns: 2)
        #expect(whole.rows.isEmpty)
        #expect(whole.faults.count == lines)
        #expect(whole.faults.last?.line == lines)
    }

    /// Nor does the fast way look over all the rest for each line that it leaves to others.
    @Test(.timeLimit(.minutes(10)))
    func isNotSlowedDownByBlankLines() {
        let text = Array(String(repeating: "1\t2\n\n", count: 100_000).utf8)
        let whole = SplitText(text, .tab, columns: 2)
        #expect(whole.rows.count == 100_000)
        #expect(whole.lines.last == 199_999)
    }

    @Test(arguments: [10, 11, 12])
    func readsARecordOfExactlyTheLengthThatIsAllowed(_ most: Int) {
        let text = Array("a,b\n123456789,1\r\n1,2\n\"3\n45678\",\"\"\r\n".utf8)
        let whole = SplitText(text, .comma, most: most)
        #expect(whole.rows.contains(["123456789", "1"]) == (most >= 11))
        #expect(whole.rows.contains(["3\n45678", ""]) == (most >= 12))
        expectTheSameHoweverCut(text, whole, .comma, most: most)
    }

    @Test
    func refusesAnOpenQuoteOnceItIsLongerThanALineMayBe() {
        var parser = CSVParser(.comma, mostRecordBytes: 1000)
        var block = RecordBlock(Array("x,\"".utf8) + Array(repeating: 0x0A, count: 1100))
        parser.split(&block, columnCount: nil, isLast: false)
        #expect(block.faults.map(\.line) == [0])
        #expect(block.faults.first?.message.contains("quote") == true)
        #expect(block.usedCount == block.textCount)
        #expect(!parser.isSkipping)
    }

    /// Texts of up to 12 of the characters that matter, and each way to cut them.
    @Test(arguments: [UInt64](1...8))
    func readsRandomTextsTheSameHoweverTheyAreCut(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<400 {
            let text = random.text(of: Array("aa,,\"\"\n\n\r".utf8), count: random.below(13))
            let columns = [nil, 1, 2, 3][random.below(4)]
            let most = [3, 6, 1 << 20][random.below(3)]
            let whole = SplitText(text, .comma, columns: columns, most: most)
            for cut in 0...text.count {
                for second in cut...text.count {
                    let parts = SplitText(text, cuts: [cut, second], .comma, columns: columns, most: most)
                    if parts != whole {
                        Issue.record(
                            "\(String(decoding: text, as: UTF8.self).debugDescription) cut at \(cut), \(second)")
                        return
                    }
                }
            }
        }
    }

    /// Longer ones, where a long record ends in a later block than it is found too long in.
    @Test(arguments: [UInt64](11...14))
    func readsLongRandomTextsTheSameHoweverTheyAreCut(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<100 {
            let text = random.text(of: Array("aaaaaaaaaaaaaaaaaaaaaa,,\"\n\r".utf8), count: random.below(400))
            let most = 1 + random.below(60)
            let columns = [nil, 1, 2][random.below(3)]
            let whole = SplitText(text, .comma, columns: columns, most: most)
            for _ in 0..<20 {
                let cuts = (0..<(1 + random.below(5))).map { _ in random.below(text.count + 1) }.sorted()
                let parts = SplitText(text, cuts: cuts, .comma, columns: columns, most: most)
                if parts != whole {
                    Issue.record(
                        "\(String(decoding: text, as: UTF8.self).debugDescription) cut at \(cuts), most \(most)")
                    return
                }
            }
        }
    }

    /// Well-formed texts and what Python's csv module reads in them; `scripts/ingest/make_csv_fixture.py` made them.
    @Test
    func readsWhatPythonReads() throws {
        let lines = try Fixture.lines("csv.jsonl")
        #expect(lines.count == 300)
        for line in lines {
            let (text, rows) = try PythonCSV.parse(line)
            let whole = SplitText(Array(text.utf8), .comma)
            #expect(whole.rows == rows, "\(text.debugDescription)")
            #expect(whole.faults.isEmpty, "\(text.debugDescription)")
        }
    }

    @Test
    func givesTheRowsPlacesInTheStream() {
        let text = Array("ab,c\n\n\"d\n\",e\nf,g".utf8)
        let parsed = SplitText(text, cuts: [6], .comma)
        #expect(parsed.offsets == [0, 6, 13])
        #expect(parsed.lines == [1, 3, 5])
    }

    @Test
    func stopsAfterTheRecordsAskedFor() {
        var parser = CSVParser(.comma)
        var block = RecordBlock(Array("a,b\n1,2\n".utf8))
        parser.split(&block, columnCount: nil, isLast: true, mostRecords: 1)
        #expect(block.count == 1)
        #expect(block.usedCount == 4)
        #expect(block.lineCount == 1)
    }
}
