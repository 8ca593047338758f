import ArrowStream
import CFieldSplit
import Samples
import Testing

@testable import LogIngest

struct ArrowRecordReaderTests {
    static let position = SourcePosition(file: "log.tar", entry: "records.arrows")

    /// A reader over bytes in memory, given `piece` of them at a time.
    static func reader(
        _ bytes: [UInt8], _ wanted: [String], most: Int = 1 << 20, piece: Int = 4096
    ) throws(StageError) -> ArrowRecordReader {
        var done = 0
        return try ArrowRecordReader(wanted: wanted, position: position, mostRecordBytes: most) {
            (buffer) throws(StageError) in
            let count = min(buffer.count, piece, bytes.count - done)
            buffer.copyBytes(from: bytes[done..<done + count])
            done += count
            return count
        }
    }

    /// All rows of all blocks, and the faults with their lines from 0 at the stream's start.
    static func read(
        _ bytes: [UInt8], _ wanted: [String], most: Int = 1 << 20, piece: Int = 4096
    ) throws(StageError) -> (rows: [[String]], faults: [RecordFault], blocks: [RecordBlock]) {
        var reader = try reader(bytes, wanted, most: most, piece: piece)
        var rows: [[String]] = []
        var faults: [RecordFault] = []
        var blocks: [RecordBlock] = []
        var line = 0
        while let block = try reader.next() {
            for row in 0..<block.count {
                rows.append(
                    (0..<block.columnCount).map { String(decoding: block.bytes[block.range(row, $0)], as: UTF8.self) })
            }
            faults += block.faults.map { fault in
                var fault = fault
                fault.line += line
                return fault
            }
            line += block.lineCount
            blocks.append(block)
        }
        return (rows, faults, blocks)
    }

    static func stream(_ columns: [(String, ArrowType, ArrowColumn)]) -> [UInt8] {
        let schema = ArrowSchema(fields: columns.map { ArrowField(name: $0.0, type: $0.1, isNullable: true) })
        var dictionaries: [Int: ArrowColumn] = [:]
        for (index, column) in columns.enumerated() {
            if case .dictionary(_, let values) = column.2.values { dictionaries[index] = values }
        }
        let encoder = ArrowStreamEncoder(schema: schema, dictionaries: dictionaries)
        let batch = ArrowBatch(schema, columns: columns.map(\.2), count: columns.first?.2.count ?? 0)
        return encoder.start() + encoder.encode(batch) + encoder.end()
    }

    /// The names of the fixture's columns, and their texts row by row, as pyarrow's values give them.
    static func expected() throws -> (names: [String], rows: [[String]]) {
        let lines = try Fixture.lines("records.tsv")
        let names = try #require(lines.first).split(separator: "\t").map(String.init)
        let rows = lines.dropFirst().map { line in
            line.split(separator: "\t", omittingEmptySubsequences: false).map {
                String(decoding: $0.utf8.unhexed, as: UTF8.self)
            }
        }
        return (names, rows)
    }

    // Values.

    @Test func valuesOfAnotherWriterAreItsTexts() throws {
        let bytes = try Fixture.bytes("records.arrows")
        let (names, expected) = try Self.expected()
        #expect(expected.count == 6)
        for piece in [1, 4096] {
            let read = try Self.read(bytes, names, piece: piece)
            for (row, texts) in zip(read.rows, expected) {
                for (name, (text, other)) in zip(names, zip(row, texts)) { #expect(text == other, "\(name)") }
            }
            #expect(read.rows.count == expected.count)
            #expect(read.faults.isEmpty)
            #expect(read.blocks.map(\.count) == [4, 2], "an empty batch is no block")
        }
    }

    @Test func columnsComeInTheOrderInWhichTheyAreWanted() throws {
        let bytes = try Fixture.bytes("records.arrows")
        let (names, expected) = try Self.expected()
        for (column, name) in names.enumerated() {
            let other = (column * 7 + 3) % names.count
            let wanted = [names[other], name, name]
            let reader = try Self.reader(bytes, wanted)
            #expect(reader.columnNames == wanted)
            #expect(try Self.read(bytes, wanted).rows == expected.map { [$0[other], $0[column], $0[column]] })
        }
        #expect(try Self.read(bytes, []).rows == expected.map { _ in [] })
    }

    @Test func floatsAreTheShortestTextThatReadsBack() throws {
        let doubles = [
            0, -0.0, 1, 0.1, 1e15, 1e16, 123456789.125, 1e22, .pi, .leastNonzeroMagnitude, .infinity, -.infinity, .nan,
        ]
        let singles: [Float] = [16_777_216, 0.1, 3.4028235e38, .leastNonzeroMagnitude]
        let rows = try Self.read(Self.stream([("x", .float64, ArrowColumn(.float64(doubles)))]), ["x"]).rows
        #expect(
            rows.map { $0[0] } == [
                "0", "-0", "1", "0.1", "1000000000000000", "1e+16", "123456789.125", "1e+22", "3.141592653589793",
                "5e-324",
                "inf", "-inf", "nan",
            ])
        let texts = try Self.read(Self.stream([("x", .float32, ArrowColumn(.float32(singles)))]), ["x"]).rows.map {
            $0[0]
        }
        #expect(texts.prefix(2) == ["16777216", "0.1"])
        #expect(texts.compactMap { Float($0) } == singles)
    }

    @Test func timesAreMillisecondsRoundedDown() throws {
        func times(_ unit: ArrowType.TimeUnit, _ ticks: [Int64]) throws -> [String] {
            let column = ArrowColumn(.int64(ticks))
            return try Self.read(Self.stream([("t", .timestamp(unit, timezone: "UTC"), column)]), ["t"]).rows.map {
                $0[0]
            }
        }
        #expect(try times(.second, [1, -1, Int64.max / 1000]) == ["1000", "-1000", "9223372036854775000"])
        #expect(try times(.millisecond, [1, .min, .max]) == ["1", "-9223372036854775808", "9223372036854775807"])
        #expect(
            try times(.microsecond, [999, 1000, -1, -1000, -1001, .min]) == [
                "0", "1", "-1", "-1", "-2", "-9223372036854776",
            ])
        #expect(try times(.nanosecond, [999_999, 1_000_000, -1, .min]) == ["0", "1", "-1", "-9223372036855"])
    }

    @Test func aTimeTooFarOffIsAFaultOfItsRow() throws {
        let ticks = ArrowColumn(.int64([1, .max, .min, 2]))
        let keys = ArrowColumn(.text(TextColumn(["a", "b", "c", "d"])))
        let bytes = Self.stream([("k", .utf8, keys), ("t", .timestamp(.second, timezone: nil), ticks)])
        let read = try Self.read(bytes, ["k", "t"])
        #expect(read.rows == [["a", "1000"], ["d", "2000"]])
        #expect(read.faults.map(\.line) == [1, 2])
        #expect(read.faults.map(\.column) == [1, 1])
        #expect(read.blocks[0].records.map(\.line) == [0, 3])
        let fault = read.faults[0]
        #expect(fault.message == "the time does not fit 64 bits as milliseconds")
        #expect(read.blocks[0].bytes[fault.start..<fault.end].elementsEqual("b\t".utf8), "the row up to it")
        #expect(try Self.read(bytes, ["k"]).faults.isEmpty, "if it is wanted")
    }

    @Test func anItemWithTheSeparatorIsAFaultOfItsRow() throws {
        let items = ArrowColumn(.text(TextColumn(["a", "b\u{1F}c", "d"])))
        let bytes = Self.stream([("x", .list(.utf8), ArrowColumn(.list(offsets: [0, 1, 2, 3], items: items)))])
        let read = try Self.read(bytes, ["x"])
        #expect(read.rows == [["a"], ["d"]])
        #expect(read.faults.map(\.message) == ["an item of the list holds U+001F, which stands between items"])
        #expect(read.faults.map(\.line) == [1])
    }

    // Blocks.

    @Test func aRowLongerThanAllowedIsAFault() throws {
        let texts = ArrowColumn(.text(TextColumn(["12345", "123456", "", String(repeating: "x", count: 100)])))
        let numbers = ArrowColumn(.int8([1, 2, -100, 4]))
        let read = try Self.read(
            Self.stream([("a", .utf8, texts), ("b", .integer(.int8), numbers)]), ["a", "b"], most: 7)
        #expect(read.rows == [["12345", "1"], ["", "-100"]])
        #expect(read.faults.map(\.line) == [1, 3])
        #expect(read.faults.allSatisfy { $0.message == "the row is longer than 7 bytes" })
    }

    @Test func blocksAreLimitedInRowsAndBytes() throws {
        let count = 150_000
        let numbers = ArrowColumn(.int32((0..<Int32(count)).map { $0 }))
        let read = try Self.read(Self.stream([("n", .integer(.int32), numbers)]), ["n"])
        #expect(read.blocks.map(\.count) == [65536, 65536, count - 2 * 65536])
        #expect(read.rows.enumerated().allSatisfy { $1 == [String($0)] })

        let text = String(repeating: "x", count: 1 << 16)
        let column = ArrowColumn(
            .dictionary(indices: Array(repeating: 0, count: 100), values: ArrowColumn(.text(TextColumn([text])))))
        let long = try Self.read(Self.stream([("x", .dictionary(index: .int8, value: .utf8), column)]), ["x"])
        #expect(long.blocks.map(\.count) == [16, 16, 16, 16, 16, 16, 4])
        #expect(long.rows.allSatisfy { $0 == [text] })
        #expect(long.blocks.allSatisfy { $0.bytes.count <= 1 << 20 && $0.lineCount == $0.count })
    }

    @Test func aRecordIsItsFieldsWithTabsBetween() throws {
        let a = ArrowColumn(.int64([-7, 8]))
        let b = ArrowColumn(.text(TextColumn(["x", ""])), validity: [true, false])
        let block = try #require(
            try Self.read(Self.stream([("a", .integer(.int64), a), ("b", .utf8, b)]), ["b", "a"]).blocks.first)
        let texts = block.records.map { String(decoding: block.bytes[Int($0.start)..<Int($0.end)], as: UTF8.self) }
        #expect(texts == ["x\t-7", "\t8"])
        #expect(block.textCount == block.bytes.count)
    }

    // Errors.

    @Test func aColumnThatIsNotThereIsAnErrorThatSaysWhichAre() throws {
        let bytes = Self.stream([
            ("user", .bool, ArrowColumn(.bool([true]))), ("time", .bool, ArrowColumn(.bool([true]))),
        ])
        let error = #expect(throws: StageError.self) { try Self.reader(bytes, ["time", "usr"]) }
        #expect(error?.message == "there is no column `usr`")
        #expect(error?.advice == "did you mean `user`? the columns are `user`, `time`")
        #expect(error?.position == Self.position)
        let twice = Self.stream([("a", .bool, ArrowColumn(.bool([true]))), ("a", .bool, ArrowColumn(.bool([true])))])
        #expect(throws: StageError.self) { try Self.reader(twice, ["a"]) }
        #expect(try Self.read(twice, []).rows == [[]])
    }

    @Test func aTypeThatIsNotReadMattersOnlyIfWanted() throws {
        let bytes = try Fixture.bytes("records.arrows")
        let types = [
            "skip date": "date", "skip decimal": "decimal", "skip struct": "struct", "skip binary": "binary",
            "skip durations": "duration", "skip runs": "run_end_encoded", "skip days": "date",
        ]
        for (name, type) in types {
            let error = #expect(throws: StageError.self) { try Self.reader(bytes, ["int8", name]) }
            #expect(error?.message == "column `\(name)` has the type \(type), which is not read")
            #expect(error?.position?.entry == "records.arrows")
        }
    }

    /// However few bytes hold such a list, each row may name it again.
    @Test func aDictionaryOfListsMattersOnlyIfWanted() throws {
        let nulls = ArrowColumn(.int8([0, 0, 0]), validity: [false, false, false])
        let lists = ArrowColumn(.list(offsets: [0, 3], items: nulls))
        let bytes = Self.stream([
            (
                "x", .dictionary(index: .int8, value: .list(.integer(.int8))),
                .init(.dictionary(indices: [0, 0], values: lists))
            ),
            ("a", .integer(.int8), ArrowColumn(.int8([7, 8]))),
        ])
        let error = #expect(throws: StageError.self) { try Self.reader(bytes, ["a", "x"]) }
        #expect(error?.code == .data)
        #expect(error?.message == "column `x` is a dictionary of lists, which is not read")
        #expect(error?.position?.entry == "records.arrows")
        #expect(try Self.read(bytes, ["a"]).rows == [["7"], ["8"]])
    }

    /// Items of the null type cost no byte: these are 4 * 10^9 in a megabyte.
    @Test(.timeLimit(.minutes(10))) func itemsOfTheNullTypeAreNotLookedAt() throws {
        let count = 1 << 20
        for type in [ArrowType.list(.null), .largeList(.null)] {
            let schema = ArrowSchema(fields: [ArrowField(name: "x", type: type, isNullable: true)])
            let list = ArrowColumn(.list(offsets: [0, Int32(count)], items: ArrowColumn(.null(count))))
            let encoder = ArrowStreamEncoder(schema: schema)
            var bytes = encoder.start()
            let batch = encoder.encode(ArrowBatch(schema, columns: [list], count: 1))
            for _ in 0..<2000 { bytes += batch }
            let read = try Self.read(bytes + encoder.end(), ["x"])
            #expect(read.rows.count == 2000 && read.rows.allSatisfy { $0 == [""] })
            #expect(read.faults.isEmpty)
        }
    }

    @Test func aColumnThatIsPassedOverMayNestButNotWithoutEnd() throws {
        var type = ArrowType.bool
        var column = ArrowColumn(.bool([true]))
        for depth in 1...100 {
            type = .list(type)
            column = ArrowColumn(.list(offsets: [0, 1], items: column))
            guard [16, 17, 64, 65, 100].contains(depth) else { continue }
            let bytes = Self.stream([("deep", type, column), ("a", .integer(.int8), ArrowColumn(.int8([7])))])
            #expect((try? Self.read(bytes, ["a"]).rows) == (depth <= 64 ? [["7"]] : nil), "\(depth)")
            #expect((try? Self.read(bytes, ["deep"]).rows) == (depth <= 16 ? [["1"]] : nil), "\(depth)")
        }
    }

    @Test func anArrowFileAndOtherBytesAreCalledSo() {
        for (bytes, message) in [
            (Array("ARROW1\u{0}\u{0}".utf8), "is an Arrow file, not an Arrow stream"),
            (Array("user,item\n1,2\n".utf8), "is not an Arrow stream"),
        ] {
            let error = #expect(throws: StageError.self) { try Self.reader(bytes, ["a"]) }
            #expect(error?.message == message)
            #expect(error?.position?.entry == "records.arrows")
        }
    }

    @Test func aStreamThatIsCutOffIsAnErrorWhereverThatIs() throws {
        let bytes = try Fixture.bytes("records.arrows")
        let names = try Self.expected().names
        let ends = Array(stride(from: 0, to: bytes.count, by: 13)) + Array(bytes.count - 16..<bytes.count)
        for end in ends {
            let error = #expect(throws: StageError.self, "cut at \(end)") { try Self.read(Array(bytes[..<end]), names) }
            #expect(error?.code == .data)
        }
        #expect(throws: StageError.self) { try Self.read(bytes + [0], names) }
    }

    @Test func aFlippedBitEndsInAnErrorOrInRows() throws {
        let bytes = try Fixture.bytes("records.arrows")
        let names = try Self.expected().names
        var errors = 0
        for (count, wanted) in [names, ["int8", "code"]].enumerated() {
            for place in stride(from: count, to: bytes.count, by: 19) {
                var flipped = bytes
                flipped[place] ^= 1 << UInt8(place % 8)
                do throws(StageError) {
                    #expect(
                        try Self.read(flipped, wanted).blocks.allSatisfy { $0.count + $0.faults.count == $0.lineCount })
                } catch {
                    #expect(error.code == .data)
                    errors += 1
                }
            }
        }
        #expect(errors > 100)
    }
}

extension Substring.UTF8View {
    /// The bytes that two hexadecimal digits each stand for.
    fileprivate var unhexed: [UInt8] {
        let digits = compactMap { UInt8(String(UnicodeScalar($0)), radix: 16) }
        return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
