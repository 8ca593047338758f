import CFieldSplit
import Testing

@testable import LogIngest

/// The fast way through regular lines, held against the splitter that reads any.
struct PlainLinesTests {
    typealias SplitLines =
        @Sendable (
            UnsafePointer<UInt8>?, Int, Int, UInt8, Int, Int, Int32, UnsafeMutablePointer<plumb_field>?,
            UnsafeMutablePointer<plumb_record>?, Int
        ) -> Int

    /// The loop as each machine runs it.
    static let variants: [(String, SplitLines)] = {
        var variants: [(String, SplitLines)] = [
            ("best", { plumb_split_lines($0, $1, $2, $3, $4, $5, $6, $7, $8, $9) }),
            ("words", { plumb_split_lines_words($0, $1, $2, $3, $4, $5, $6, $7, $8, $9) }),
        ]
        #if arch(x86_64)
        variants.append(("sse2", { plumb_split_lines_sse2($0, $1, $2, $3, $4, $5, $6, $7, $8, $9) }))
        #endif
        return variants
    }()

    /// What was found: each record's line, place and fields.
    struct Found: Equatable {
        var records: [[Int]] = []
        var fields: [[Int]] = []

        mutating func add(_ record: plumb_record, _ fields: some Sequence<plumb_field>) {
            records.append([Int(record.line), Int(record.start), Int(record.end)])
            self.fields.append(fields.flatMap { [Int($0.start), Int($0.end)] })
        }
    }

    static let guardValue: Int32 = -77

    /// Runs one variant from `start`, with room for exactly `most` records, and checks that it stays in it.
    static func run(
        _ split: SplitLines, _ text: [UInt8], from start: Int, columns: Int, mostBytes: Int, most: Int
    ) -> Found {
        let noField = plumb_field(start: guardValue, end: guardValue)
        var fields = [plumb_field](repeating: noField, count: most * columns + 1)
        var records = [plumb_record](
            repeating: plumb_record(line: guardValue, start: guardValue, end: guardValue), count: most + 1)
        let count = split(text, text.count, start, 0x2C, columns, mostBytes, 5, &fields, &records, most)
        var found = Found()
        guard count <= most else {
            Issue.record("\(count) records where there is room for \(most)")
            return found
        }
        #expect(fields[most * columns].start == guardValue)
        #expect(records[most].line == guardValue)
        for row in 0..<count { found.add(records[row], fields[(row * columns)..<((row + 1) * columns)]) }
        return found
    }

    /// The regular lines from `start` on, up to the first that is not, by `RecordSplitter`.
    static func reference(_ text: [UInt8], from start: Int, columns: Int, mostBytes: Int, most: Int) -> Found {
        let splitter = RecordSplitter(CSVDialect(delimiter: [0x2C], quote: nil))
        var found = Found()
        var position = start
        while position < text.count && found.records.count < most {
            var fields: [RecordBlock.Field] = []
            var unquoted: [UInt8] = []
            guard
                case .record(let record) = splitter.split(
                    text.span.bytes, from: position, isLast: false, into: &fields, unquoted: &unquoted),
                fields.count == columns, record.end - position <= mostBytes
            else { break }
            let line = Int32(5 + found.records.count)
            found.add(plumb_record(line: line, start: Int32(position), end: Int32(record.end)), fields)
            position = record.next
        }
        return found
    }

    /// Mostly regular lines, now and then one that is not, cut off somewhere.
    static func log(_ random: inout SplitMix64, columns: Int, count: Int) -> [UInt8] {
        var text: [UInt8] = []
        while text.count < count {
            for column in 0..<columns {
                text += random.text(
                    of: Array("ab\"\r\0\u{FF}".utf8), count: random.below(random.below(4) == 0 ? 70 : 5))
                if column + 1 < columns { text.append(0x2C) }
            }
            if random.below(3) == 0 { text.append(0x0D) }
            if random.below(30) == 0 { text.append(0x2C) }
            text.append(0x0A)
            if random.below(30) == 0 { text.append(0x0A) }
        }
        return Array(text.prefix(count))
    }

    @Test(arguments: variants.indices)
    func findsWhatTheSplitterFinds(_ variant: Int) {
        let (name, split) = Self.variants[variant]
        var random = SplitMix64(seed: 42)
        let lengths = [1, 63, 64, 65, 127, 128, 129, 191, 192, 193]
        var recordCount = 0
        for round in 0..<2000 {
            let columns = 1 + random.below(4)
            let count = round % 3 == 0 ? lengths[random.below(lengths.count)] : 1 + random.below(400)
            let text =
                round % 2 == 0
                ? Self.log(&random, columns: columns, count: count)
                : random.text(of: Array("aaa,,\n\r".utf8), count: count)
            let start = random.below(4) == 0 ? random.below(count) : 0
            let mostBytes = random.below(4) == 0 ? random.below(20) : 1 << 20
            // Room as `PlainLines` makes it, or for less.
            let lines = text[start...].count { $0 == 0x0A }
            let delimiters = text[start...].count { $0 == 0x2C }
            var most = columns == 1 ? lines : min(lines, delimiters / (columns - 1))
            if random.below(4) == 0 { most = min(most, random.below(4)) }
            let expected = Self.reference(text, from: start, columns: columns, mostBytes: mostBytes, most: most)
            let found = Self.run(split, text, from: start, columns: columns, mostBytes: mostBytes, most: most)
            recordCount += expected.records.count
            if found != expected {
                Issue.record("\(name): \(String(decoding: text, as: UTF8.self).debugDescription) from \(start)")
                return
            }
        }
        #expect(recordCount > 2500)
    }

    @Test
    func countsBytesInTextsOfAnyLength() {
        for count in [0, 1, 7, 254, 255, 256, 509, 510, 511, 1000] {
            for byte: UInt8 in [0x00, 0x0A, 0xFF] {
                let all = [UInt8](repeating: byte, count: count)
                #expect(plumb_count_byte(all, count, byte) == count)
                #expect(plumb_count_byte(all, count, 0x41) == 0)
            }
        }
        var random = SplitMix64(seed: 3)
        let text = random.text(of: Array(0...255), count: 70_000)
        for byte in UInt8.min...UInt8.max {
            #expect(plumb_count_byte(text, text.count, byte) == text.count { $0 == byte })
        }
    }

    /// Both ways through a parser: with the fast way, and with a dialect that has none because it knows quotes.
    @Test(arguments: [UInt64](1...4))
    func aParserGivesTheSameWithAndWithoutIt(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<300 {
            let columns = 1 + random.below(4)
            let text = Self.log(&random, columns: columns, count: random.below(700)).filter { $0 != 0x22 }
            let most = random.below(3) == 0 ? 1 + random.below(30) : 1 << 20
            let plain = CSVDialect(delimiter: [0x2C], quote: nil)
            let found = SplitText(text, plain, columns: columns, most: most)
            #expect(found == SplitText(text, .comma, columns: columns, most: most))
            let cut = random.below(text.count + 1)
            #expect(found == SplitText(text, cuts: [cut], plain, columns: columns, most: most))
        }
    }
}
