import Samples
import Testing

@testable import ArrowStream

@Suite struct ArrowTextEncoderTests {
    @Test func jsonStringsAreEscaped() {
        let text = "\"\\/\u{8}\t\n\u{C}\r\u{0}\u{1F}\u{7F}é😀\u{2028}"
        #expect(
            json(.utf8, .text(TextColumn([text])))
                == "{\"x\":\"\\\"\\\\/\\b\\t\\n\\f\\r\\u0000\\u001f\u{7F}é😀\u{2028}\"}\n")
    }

    @Test func csvFieldsAreQuotedOnlyWhereTheyNeedIt() {
        let rows = ["plain", "", "a,b", "say \"hi\"", "two\nlines", "cr\r", " space "]
        #expect(
            csv(.utf8, ArrowColumn(.text(TextColumn(rows))))
                == "x\nplain\n\"\"\n\"a,b\"\n\"say \"\"hi\"\"\"\n\"two\nlines\"\n\"cr\r\"\n space \n")
    }

    @Test func csvTellsNullFromEmptyText() {
        #expect(csv(.utf8, ArrowColumn(.text(TextColumn(["", ""])), validity: [true, false])) == "x\n\"\"\n\n")
    }

    @Test func csvListsAreJSONInQuotes() {
        let list = ArrowColumn(.list(offsets: [0, 2, 2, 3], items: ArrowColumn(.text(TextColumn(["a\"", "b", "c"])))))
        #expect(
            csv(.list(.utf8), list) == #"""
                x
                "[""a\"""",""b""]"
                []
                "[""c""]"

                """#)
    }

    @Test func floatsAreTheShortestTextThatReadsBack() {
        #expect(
            json(.float32, .float32([0.1, 1, 16_777_216, .nan, -.infinity]))
                == "{\"x\":0.1}\n{\"x\":1.0}\n{\"x\":16777216.0}\n{\"x\":null}\n{\"x\":null}\n")
        #expect(
            csv(.float64, ArrowColumn(.float64([0.1 + 0.2, .nan, .infinity, -.infinity])))
                == "x\n0.30000000000000004\nnan\ninf\n-inf\n")
    }

    @Test(
        arguments: [
            (0, .second, "1970-01-01T00:00:00.000Z"), (951_782_400, .second, "2000-02-29T00:00:00.000Z"),
            (-1, .millisecond, "1969-12-31T23:59:59.999Z"),
            (4_107_542_399_999, .millisecond, "2100-02-28T23:59:59.999Z"),
            (4_107_542_400_000, .millisecond, "2100-03-01T00:00:00.000Z"),
            (1999, .microsecond, "1970-01-01T00:00:00.001Z"),
            (-1, .nanosecond, "1969-12-31T23:59:59.999Z"), (-62_167_219_200, .second, "0000-01-01T00:00:00.000Z"),
            (-62_167_219_201, .second, "-000001-12-31T23:59:59.000Z"),
            (253_402_300_800, .second, "+010000-01-01T00:00:00.000Z"),
            (.max, .millisecond, "+292278994-08-17T07:12:55.807Z"),
            (.min, .millisecond, "-292275055-05-16T16:47:04.192Z"),
            (.min, .nanosecond, "1677-09-21T00:12:43.145Z"),
        ] as [(Int64, ArrowType.TimeUnit, String)])
    func timestampsAreISO8601(ticks: Int64, unit: ArrowType.TimeUnit, text: String) {
        #expect(TimestampText.text(ticks, unit, isUTC: true) == text)
    }

    @Test func secondsBeyondAllCalendarsDoNotTrap() {
        #expect(TimestampText.text(.max, .second, isUTC: true).hasPrefix("+292277026596-"))
        #expect(TimestampText.text(.min, .second, isUTC: true).hasPrefix("-292277022657-"))
    }

    @Test func aTimestampWithoutTimeZoneHasNoZ() {
        #expect(json(.timestamp(.second, timezone: nil), .int64([0])) == "{\"x\":\"1970-01-01T00:00:00.000\"}\n")
    }

    @Test func someRowsMayBeAskedFor() {
        let schema = ArrowSchema(fields: [ArrowField(name: "x", type: .bool)])
        let batch = ArrowBatch(schema, columns: [ArrowColumn(.bool([true, false, true]))], count: 3)
        let encoder = ArrowTextEncoder(schema: schema, style: .csv)
        #expect(text(encoder.encode(batch, rows: 1..<3)) == "false\ntrue\n")
        #expect(encoder.encode(batch, rows: 0..<0).isEmpty)
    }

    @Test func dictionariesAreDecoded() {
        let values = ArrowColumn(.text(TextColumn(["a", ""])), validity: [true, false])
        let column = ArrowColumn(.dictionary(indices: [0, 1, 0], values: values), validity: [true, true, false])
        #expect(
            json(.dictionary(index: .int8, value: .utf8), column)
                == "{\"x\":\"a\"}\n{\"x\":null}\n{\"x\":null}\n")
    }

    @Test func namesAreEscapedLikeValues() {
        let schema = ArrowSchema(fields: [ArrowField(name: "a,\"b\"", type: .bool), ArrowField(name: "c", type: .bool)])
        let batch = ArrowBatch(schema, columns: [ArrowColumn(.bool([true])), ArrowColumn(.bool([false]))], count: 1)
        let csv = ArrowTextEncoder(schema: schema, style: .csv)
        let json = ArrowTextEncoder(schema: schema, style: .jsonLines)
        #expect(text(csv.start() + csv.encode(batch)) == "\"a,\"\"b\"\"\",c\ntrue,false\n")
        #expect(text(json.start() + json.encode(batch)) == "{\"a,\\\"b\\\"\":true,\"c\":false}\n")
    }

    private func json(_ type: ArrowType, _ values: ArrowColumn.Values) -> String { json(type, ArrowColumn(values)) }

    private func json(_ type: ArrowType, _ column: ArrowColumn) -> String { encode(type, column, .jsonLines) }

    private func csv(_ type: ArrowType, _ column: ArrowColumn) -> String { encode(type, column, .csv) }

    private func encode(_ type: ArrowType, _ column: ArrowColumn, _ style: ArrowTextEncoder.Style) -> String {
        let schema = ArrowSchema(fields: [ArrowField(name: "x", type: type, isNullable: true)])
        let encoder = ArrowTextEncoder(schema: schema, style: style)
        let batch = ArrowBatch(schema, columns: [column], count: column.count)
        return text(encoder.start() + encoder.encode(batch) + encoder.end())
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
