import OrderedJSON
import Samples
import Testing

@testable import LogIngest

/// Bad rows: counted, kept in a file with their place and text, and too many of them an error.
struct RejectTests {
    /// A line of a rejects file.
    struct Line: Equatable {
        var file = "FILE"
        var entry: String?
        var line: Int
        var offset: Int
        var column: String?
        var reason: String
        var text: String?
        var hexadecimal: String?

        init(
            _ line: Int, _ offset: Int, in column: String? = nil, _ reason: String, _ text: String? = nil,
            hexadecimal: String? = nil
        ) {
            self.line = line
            self.offset = offset
            self.column = column
            self.reason = reason
            self.text = text
            self.hexadecimal = hexadecimal
        }

        init(json: Substring) throws {
            let node = JSONNode(try JSONValue(String(json)))
            let keys = try node.members().map(\.key)
            let last = keys.last == "text_hex" ? "text_hex" : "text"
            #expect(keys == ["file", "entry", "line", "byte_offset", "column", "reason", last])
            file = try node.member("file").string()
            entry = try node.optionalMember("entry")?.string()
            line = try node.member("line").integer()
            offset = try node.member("byte_offset").integer()
            column = try node.optionalMember("column")?.string()
            reason = try node.member("reason").string()
            text = try node.optionalMember("text")?.string()
            hexadecimal = try node.optionalMember("text_hex")?.string()
        }
    }

    /// What an ingest kept, and the lines of its rejects file; all rows may be bad unless the settings say otherwise.
    static func ingest(
        _ settings: IngestSettings, threads: Int = 1
    ) async throws -> (kept: Ingested, rejects: [Line]) {
        let folder = try TemporaryFolder()
        let path = try folder.file("rejects.jsonl", "")
        let file = try RejectFile(path: path)
        var settings = settings
        settings.mostRejects = .percent(100)
        let got = try await Ingested(settings, rejects: file, threads: threads)
        try await file.publish()
        let text = String(decoding: try Fixture.bytes(at: path), as: UTF8.self)
        let progress = got.report.progress
        #expect(progress.rowsRead == progress.rowsKept + progress.rowsRejected)
        #expect(got.rows.count == progress.rowsKept)
        let lines = try text.split(separator: "\n").map { try Line(json: $0) }
        #expect(lines.count == progress.rowsRejected)
        return (got, lines)
    }

    /// The rejects of one file's text, `FILE` in the place of its path.
    private static func rejects(
        _ bytes: [UInt8], _ change: (inout IngestSettings) -> Void = { _ in }
    ) async throws -> (kept: Ingested, rejects: [Line]) {
        let folder = try TemporaryFolder()
        let path = try folder.file("log.csv", bytes)
        var settings = IngestSettings.small([path])
        change(&settings)
        var result = try await ingest(settings)
        for index in result.rejects.indices {
            #expect(result.rejects[index].file == path)
            result.rejects[index].file = "FILE"
        }
        return result
    }

    private static let header = "user,item,rating,time,tags,price\n"

    private static let allColumns: @Sendable (inout IngestSettings) -> Void = {
        $0.features = [
            .init(name: "tags", column: "tags", kind: .multivalued(separator: "|", .dictionary)),
            .init(name: "price", column: "price", kind: .dense()),
        ]
    }

    /// A piece of a log and what must come of it: rows kept, or one that is rejected, with the place in the piece.
    struct Piece {
        var bytes: [UInt8]
        var kept = 0
        var reject: Line?

        init(_ text: String, kept: Int) {
            bytes = Array(text.utf8)
            self.kept = kept
        }

        init(
            _ bytes: some Sequence<UInt8>, at offset: Int = 0, in column: String? = nil, _ reason: String,
            text: String? = nil, hexadecimal: String? = nil
        ) {
            self.bytes = Array(bytes)
            reject = Line(0, offset, in: column, reason, text, hexadecimal: hexadecimal)
        }
    }

    /// One row that is bad in each way, with keys that stand nowhere else, between good ones.
    private static let pieces: [Piece] = {
        let afterQuote = "text stands after the closing quote"
        let integer = "; set the user's kind to text if keys are text"
        let list = "bad" + String(repeating: "|a", count: 65_535)
        return [
            Piece("1,i1,5,1,a,2\n", kept: 1),
            Piece(
                "x,bad,5,1,bad,2\n".utf8, in: "user", "`user` must be an integer, is `x`" + integer,
                text: "x,bad,5,1,bad,2"
            ),
            Piece("\n1,\"i\n2\",5,1,b,2\r\n\r\n", kept: 1),
            Piece(
                "1,bad,\"hi\"\"gh\",1,bad,2\n".utf8, at: 0, in: "rating", "`rating` must be a number, is `hi\"gh`",
                text: "1,bad,\"hi\"\"gh\",1,bad,2"),
            Piece(
                "1,bad,high,1,\"two\nlines\",2\n".utf8, at: 6, in: "rating", "`rating` must be a number, is `high`",
                text: "1,bad,high,1,\"two\nlines\",2"),
            Piece("1,bad,5,1,bad\r\n".utf8, "the row has 5 fields, not 6 as expected", text: "1,bad,5,1,bad"),
            Piece("1,i3,5,1,,0\n", kept: 1),
            // The first bad column counts.
            Piece(
                "1,bad,5,soon,bad,cheap\n".utf8, at: 8, in: "time",
                "`time` must be a time in seconds since 1970, is `soon`",
                text: "1,bad,5,soon,bad,cheap"),
            Piece(
                "1,bad,5,1,bad,cheap\r\n".utf8, at: 14, in: "price", "`price` must be a number, is `cheap`",
                text: "1,bad,5,1,bad,cheap"),
            Piece(
                "1,bad,5,1,bad,\n".utf8, at: 14, in: "price",
                "`price` must be a number, is empty; list \"\" as missing to read it as 0",
                text: "1,bad,5,1,bad,"),
            Piece(
                "1,bad,5,1,\(list),2\n".utf8, at: 10, in: "tags",
                "`tags` must be at most 65535 values, is `\(list.prefix(60))…`", text: "1,bad,5,1,\(list),2"),
            Piece(
                Array("1,bad".utf8) + [0xE9] + Array(",5,1,\"x\ny\",2\n".utf8), at: 2, in: "item",
                "`item` must be UTF-8 text, is `bad\u{FFFD}`", hexadecimal: "312c626164e92c352c312c22780a79222c32"),
            Piece("1,\"bad\n\"x,5,1,bad,2\n".utf8, at: 8, in: "item", afterQuote, text: "1,\"bad\n\"x,5,1,bad,2"),
            Piece("\"1\",\"i4\",5,1,d,2\n", kept: 1),
            Piece(
                "1,\(String(repeating: "b", count: 300_000))\n".utf8,
                "the row is longer than 200000 bytes; is a quote not closed?",
                text: "1," + String(repeating: "b", count: 199_998)),
            Piece("1,i5,5,1,e,2\r\n", kept: 1),
            Piece(
                "1,bad,5,1,\"bad,2\r\n".utf8, at: 10, in: "tags", "the quote is not closed", text: "1,bad,5,1,\"bad,2"),
            Piece("1,i6,5,1,f,2\n1,i7,5,1,g,2", kept: 2),
        ]
    }()

    /// The log that pieces make behind `before`, and what must be rejected of it.
    private static func log(_ pieces: [Piece], behind before: [UInt8]) -> (bytes: [UInt8], rejects: [Line]) {
        var bytes = before
        var rejects: [Line] = []
        for piece in pieces {
            if var line = piece.reject {
                line.line = 1 + bytes.count { $0 == 0x0A }
                line.offset += bytes.count
                rejects.append(line)
            }
            bytes += piece.bytes
        }
        return (bytes, rejects)
    }

    /// At the log's start, and where the pieces stand across the borders of blocks.
    @Test(arguments: [0, 9, 15_000, 15_990, 16_100, 30_000])
    func everyKindIsKeptWithItsPlaceReasonAndText(_ rowsBefore: Int) async throws {
        let before = Self.header + String(repeating: "7,early,0,1,a|b,2\n", count: rowsBefore)
        let (bytes, expected) = Self.log(Self.pieces, behind: Array(before.utf8))
        let (kept, rejects) = try await Self.rejects(bytes) {
            Self.allColumns(&$0)
            $0.limits.lineBytes = 200_000
        }
        #expect(rejects == expected)
        #expect(kept.report.progress.rowsKept == rowsBefore + Self.pieces.reduce(0) { $0 + $1.kept })
        // A rejected row leaves no key behind.
        let items = kept.vocabulary("item").filter { !$0.hasPrefix("early") }
        #expect(items == ["i1: 1", "i\n2: 1", "i3: 1", "i4: 1", "i5: 1", "i6: 1", "i7: 1"])
        #expect(!kept.vocabulary("tags").contains { $0.hasPrefix("bad") })
    }

    @Test
    func linesOfPlainTextAreRejectedAsOthersAre() async throws {
        let before = String(repeating: "7\tearly\t0\t1\n", count: 40_000)
        let pieces = [
            Piece("1\ti1\t5\t1\n\n", kept: 1),
            Piece("1\ti1\n".utf8, "the row has 2 fields, not 4 as expected", text: "1\ti1"),
            Piece("1\t\"i\n".utf8, "the row has 2 fields, not 4 as expected", text: "1\t\"i"),
            Piece(
                "1\ti1\thigh\t1\r\n".utf8, at: 5, in: "rating", "`rating` must be a number, is `high`",
                text: "1\ti1\thigh\t1"),
            Piece("1\t\"i2\t5\t1", kept: 1),
        ]
        let (bytes, expected) = Self.log(pieces, behind: Array(before.utf8))
        let (kept, rejects) = try await Self.rejects(bytes) {
            $0.sources[0].format = .tsv
            $0.sources[0].header = .names(["user", "item", "rating", "time"])
        }
        #expect(rejects == expected)
        #expect(kept.vocabulary("item") == ["early: 40000", "i1: 1", "\"i2: 1"])
    }

    /// A block in which no row is good, and one in which every other one is.
    @Test(arguments: [1, 2, 3])
    func manyBadRowsAreAllKept(_ every: Int) async throws {
        let rows = (0..<9000).map { $0 % every == 0 ? "bad\($0),i,5,1\n" : "\($0),i,5,1\n" }
        let (kept, rejects) = try await Self.rejects(Array(("user,item,rating,time\n" + rows.joined()).utf8))
        #expect(rejects.map(\.line) == (0..<9000).filter { $0 % every == 0 }.map { $0 + 2 })
        #expect(kept.users == (0..<9000).filter { $0 % every != 0 }.map(Int64.init))
        #expect(kept.batchSizes.dropLast().allSatisfy { $0 == 4096 })
    }

    @Test(arguments: [1, 3])
    func eachFileAndEntryCountsItsOwnLines(_ threads: Int) async throws {
        let folder = try TemporaryFolder()
        let first = try folder.file("1.csv", "user,item,rating,time\n1,2,3,4\nx,2,3,4\n")
        let second = try folder.file("2.csv", "\u{FEFF}\n\ntime,rating,item,user\r\n4,3,2,y\r\n4,3,2,1\r\n")
        let archive = try folder.file(
            "3.tar",
            TarFile.bytes([
                "a/log.csv": "user,item,rating,time\n1,2,3,4\n1,2,x,4\n", "b/log.csv": "user,item,rating,time\n1,2\n",
            ]))
        let files = try await Self.ingest(.small([first, second]), threads: threads)
        #expect(files.rejects.map(\.file) == [first, second])
        #expect(files.rejects.map(\.entry) == [nil, nil])
        #expect(files.rejects.map(\.line) == [3, 4])
        #expect(files.rejects.map(\.offset) == [30, 34])
        let entries = try await Self.ingest(.small([archive], entry: "*/log.csv"), threads: threads)
        #expect(entries.rejects.map(\.file) == [archive, archive])
        #expect(entries.rejects.map(\.entry) == ["a/log.csv", "b/log.csv"])
        #expect(entries.rejects.map(\.line) == [3, 2])
        #expect(entries.rejects.map(\.offset) == [34, 22])
        #expect(entries.rejects.map(\.column) == ["rating", nil])
    }

    /// Ten rows, of which the 3rd, 5th and 9th are bad.
    private static func failure(_ most: IngestSettings.MostRejects, withFile: Bool) async throws -> StageError? {
        let folder = try TemporaryFolder()
        let rows = (1...10).map { [3, 5, 9].contains($0) ? "x\($0),i,5,1\n" : "\($0),i,5,1\n" }.joined()
        var settings = IngestSettings.small([try folder.file("log.csv", "user,item,rating,time\n" + rows)])
        settings.mostRejects = most
        let rejects = withFile ? try RejectFile(path: try folder.file("rejects", "")) : nil
        let failure = await Ingested.failure(settings, rejects: rejects)
        if failure != nil { #expect(failure?.code == .tooManyRejects) }
        return failure
    }

    @Test
    func withoutAFileTheFirstRowTooManyStopsItWithItsPlace() async throws {
        for (most, line, said) in [
            (0, 4, ""), (1, 6, ", and 1 row was rejected before"), (2, 10, ", and 2 rows were rejected before"),
        ] {
            let failure = try await Self.failure(.rows(most), withFile: false)
            #expect(failure?.position?.line == line)
            #expect(failure?.position?.column == 1)
            #expect(failure?.message.hasSuffix(said) == true)
            #expect(failure?.message.contains("`user` must be an integer, is `x\(line - 1)`") == true)
        }
        #expect(try await Self.failure(.rows(3), withFile: false) == nil)
        // A share is known at the end.
        #expect(try await Self.failure(.percent(29), withFile: false)?.position == nil)
        #expect(try await Self.failure(.percent(30), withFile: false) == nil)
    }

    @Test
    func withAFileAllAreCountedFirst() async throws {
        for most in [IngestSettings.MostRejects.rows(0), .rows(2), .percent(29), .percent(0)] {
            let failure = try await Self.failure(most, withFile: true)
            #expect(failure?.position == nil)
            #expect(failure?.message == "3 of 10 rows were rejected, more than the \(most) allowed")
        }
        for most in [IngestSettings.MostRejects.rows(3), .percent(30), .percent(100)] {
            #expect(try await Self.failure(most, withFile: true) == nil)
        }
    }

    /// Where rows were rejected in earlier blocks, the one too many is found all the same.
    @Test
    func theRowTooManyMayStandInALaterBlock() async throws {
        let folder = try TemporaryFolder()
        var text = "user,item,rating,time\n"
        for row in 1...60_000 { text += row % 10_000 == 0 ? "x,i,5,1\n" : "1,i,5,1\n" }
        var settings = IngestSettings.small([try folder.file("log.csv", text)])
        for most in 0..<6 {
            settings.mostRejects = .rows(most)
            let failure = await Ingested.failure(settings, threads: 2)
            #expect(failure?.position?.line == (most + 1) * 10_000 + 1)
        }
        settings.mostRejects = .rows(6)
        #expect(await Ingested.failure(settings) == nil)
    }

    @Test
    func readsTheNumberAllowedAsItIsWritten() {
        typealias MostRejects = IngestSettings.MostRejects
        for (text, value) in [
            ("0", MostRejects.rows(0)), ("12", .rows(12)), ("0.5%", .percent(0.5)), ("100%", .percent(100)),
        ] {
            #expect(MostRejects(text) == value)
        }
        for text in ["", "-1", "%", "1.5", "101%", "-1%", "nan%", "inf%", "1 %", "x"] {
            #expect(MostRejects(text) == nil, "\(text)")
        }
        #expect(MostRejects.percent(0.5).description == "0.5%")
        #expect(!MostRejects.percent(0).isExceeded(by: 0, of: 0))
    }
}
