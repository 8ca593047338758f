import Testing

@testable import LogIngest

struct DecimalTextTests {
    @Test
    func readsIntegersToTheirLimits() {
        let good: [(String, Int64)] = [
            ("0", 0), ("-0", 0), ("+7", 7), ("007", 7), ("123456789012345678", 123_456_789_012_345_678),
            ("9223372036854775807", .max), ("-9223372036854775808", .min), ("0000000000000000000000042", 42),
        ]
        for (text, value) in good { #expect(Int64(decimal: Array(text.utf8).span) == value, "\(text)") }
        let bad = [
            "", "-", "+", "a", "1a", " 1", "1 ", "1.0", "--1", "9223372036854775808", "-9223372036854775809",
            "99999999999999999999", "1,000", "١",
        ]
        for text in bad { #expect(Int64(decimal: Array(text.utf8).span) == nil, "\(text)") }
    }

    /// Expected bits by Python: doubles by its `float`, floats rounded once in exact arithmetic.
    @Test
    func roundsNumbersAsPythonDoes() throws {
        let lines = try Fixture.lines("numbers.tsv")
        #expect(lines.count > 400)
        for line in lines {
            let parts = line.split(separator: "\t")
            let text = Array(parts[0].utf8)
            #expect(Double(decimal: text.span)?.bitPattern == UInt64(parts[1], radix: 16), "\(parts[0])")
            #expect(Float(decimal: text.span)?.bitPattern == UInt32(parts[2], radix: 16), "\(parts[0])")
        }
    }

    @Test
    func refusesWhatIsNoFiniteNumber() {
        let bad = [
            "", ".", "-", "e5", "1e", "1e+", "nan", "inf", "-inf", "0x10", "1e400", "-1e400", "1.2.3", "1,5", " 1",
            "1 ",
            "1e5x", "12abc", String(repeating: "1", count: 1200),
        ]
        for text in bad {
            #expect(Double(decimal: Array(text.utf8).span) == nil, "\(text)")
            #expect(Float(decimal: Array(text.utf8).span) == nil, "\(text)")
        }
        #expect(Double(decimal: Array("1e39".utf8).span) == 1e39)
        #expect(Float(decimal: Array("1e39".utf8).span) == nil)
        #expect(Double(decimal: Array("1e99999999999999999999".utf8).span) == nil)
        #expect(Double(decimal: Array("0e999999999".utf8).span) == 0)
    }
}
