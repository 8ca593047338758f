import Samples
import Testing

@testable import LogIngest

struct TimeParserTests {
    typealias TimeFormat = IngestSettings.TimeFormat

    static func parser(_ format: TimeFormat, _ zone: String? = nil) throws(StageError) -> TimeParser {
        try TimeParser(
            IngestSettings.Time(column: "time", format: format, zone: zone), folders: [Fixture.path("zoneinfo")])
    }

    static func milliseconds(_ text: String, _ format: TimeFormat, _ zone: String? = nil) throws -> Int64? {
        try parser(format, zone).milliseconds(Array(text.utf8).span)
    }

    private static func fault(_ format: TimeFormat, _ zone: String? = nil) -> StageError? {
        do throws(StageError) {
            _ = try parser(format, zone)
            return nil
        } catch {
            return error
        }
    }

    /// Expected values by Python's datetime and zoneinfo; `scripts/ingest/make_time_fixtures.py`.
    @Test
    func readsTimesAsPythonDoes() throws {
        let lines = try Fixture.lines("times.tsv")
        #expect(lines.count > 900)
        for line in lines {
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            let format: TimeFormat = parts[0] == "iso8601" ? .iso8601 : .pattern(parts[0])
            let found = try Self.milliseconds(parts[2], format, parts[1].isEmpty ? nil : parts[1])
            #expect(found == Int64(parts[3]), "\(line)")
        }
    }

    @Test
    func readsUnixTimes() throws {
        func seconds(_ text: String) throws -> Int64? { try Self.milliseconds(text, .unixSeconds) }
        func milliseconds(_ text: String) throws -> Int64? { try Self.milliseconds(text, .unixMilliseconds) }
        #expect(try seconds("964982703") == 964_982_703_000)
        #expect(try seconds("964982703.125") == 964_982_703_125)
        #expect(try seconds("1.0019999") == 1001)
        #expect(try seconds("5.") == 5000)
        #expect(try seconds("-1.5") == -1500)
        #expect(try seconds("-0.25") == -250)
        #expect(try seconds("-0.0000") == 0)
        #expect(try seconds("-1.0019999") == -1002, "cut towards the past")
        #expect(try milliseconds("964982703125") == 964_982_703_125)
        for text in ["", ".", ".5", "1.2.3", "1e9", "x", "1.5x", "2000-01-01"] {
            #expect(try seconds(text) == nil, "\(text)")
            #expect(try milliseconds(text) == nil, "\(text)")
        }
        #expect(try milliseconds("1.5") == nil)
        #expect(try seconds("964982703125") == nil, "milliseconds taken for seconds")
        #expect(try seconds("9223372036854775807") == nil)
        #expect(try milliseconds("9223372036854775807") == nil)
        #expect(try seconds("253402300799.999") == 253_402_300_799_999)
        #expect(try seconds("253402300800") == nil)
        #expect(try seconds("-62135596800") == -62_135_596_800_000)
        #expect(try seconds("-62135596800.001") == nil)
        #expect(try milliseconds("253402300799999") == 253_402_300_799_999)
        #expect(try milliseconds("253402300800000") == nil)
        #expect(try milliseconds("-62135596800001") == nil)
    }

    /// Where we are stricter than Python, or where it has no word.
    @Test
    func readsNothingThatMayMeanSomethingElse() throws {
        let iso = [
            "2019-11-12T02", "2019-11-12T0214", "20191112T02:14", "2019-1112", "201911-12", "2019-11-12Z", "2019-316",
            "2019-W46-2", "2019-11-12T24:00:00.001", "2019-11-12T24:01", "2019-11-12_02:14:46",
            "2019-11-12T02:14:46+08:60", "2019-11-12T02:14:46 +08:00", "2019-11-12T02:14:46+08:00:00",
            "2019-11-12T02:14,5", "2019-11-12T02:14:46ZZ",
        ]
        for text in iso { #expect(try Self.milliseconds(text, .iso8601) == nil, "\(text)") }
        #expect(try Self.milliseconds("2019-11-12t02:14:46z", .iso8601) == 1_573_524_886_000)
        #expect(try Self.milliseconds("2019-12-31T24:00", .iso8601) == 1_577_836_800_000)
        #expect(
            try Self.milliseconds("9999-12-31T24:00:00", .iso8601) == nil, "the year 10000")

        #expect(
            try Self.milliseconds("2019111", .pattern("%Y%m%d")) == nil,
            "11 January or 1 November")
        #expect(try Self.milliseconds("2019-366", .pattern("%Y-%j")) == nil)
        #expect(try Self.milliseconds("2019-11-12 1:23", .pattern("%Y-%m-%d %H%M:%S")) == nil)
        let weekday = TimeFormat.pattern("%a %F")
        #expect(try Self.milliseconds("Tue 2019-11-12", weekday) == 1_573_516_800_000)
        #expect(try Self.milliseconds("Mon 2019-11-12", weekday) == nil, "it was a Tuesday")
        #expect(try Self.milliseconds("2019-11-12 \t 02:14", .pattern("%F %H:%M")) == 1_573_524_840_000)
        #expect(try Self.milliseconds("2019-11-12 23:59:60", .pattern("%F %T")) == 1_573_603_200_000)
        #expect(try Self.milliseconds("1.2.19", .pattern("%-d.%-m.%y")) == 1_548_979_200_000)
    }

    @Test(
        "says what is wrong with a pattern",
        arguments: [
            ("%Y-%m-%d %Q", "has `%Q`, which is not known, at character 10"),
            ("%Y-%m-%d %", "has a percent sign at the end, at character 10"),
            ("%Y-%m-%-", "has a percent sign at the end, at character 7"),
            ("%Y-%m-%-Y", "has `%-Y`, which is not known, at character 7"),
            ("%Y-%m-%d %Z", "has `%Z`, which cannot be read: a zone's short name may mean several, at character 10"),
            ("%s", "has `%s`, which cannot be read, at character 1"),
            ("%m/%d", "has no year"), ("", "has no year"), ("no token", "has no year"),
            ("%Y/%d", "has no month"), ("%Y-%m", "has no day"),
            ("%F %I:%M", "has %I without %p"), ("%F %H:%M %p", "has %p without %I"),
            ("%F %M:%S", "has minutes without hours"), ("%F %H:%S", "has seconds without minutes"),
            ("%F %H:%M.%f", "has a fraction without seconds"),
            ("%F %Y", "has `%Y` twice, at character 4"),
            ("%Y %y", "has `%y` after `%Y`, two of one thing: year, at character 4"),
            ("%F %I %p %H", "has `%H` after `%I`, two of one thing: hour, at character 10"),
            ("%B %F", "has `%m` after `%B`, two of one thing: month, at character 4"),
            ("%Y-%j %d", "has a day of the year beside a month or a day of the month"),
        ])
    func refusesPatterns(pattern: String, expected: String) {
        let fault = Self.fault(.pattern(pattern))
        #expect(fault?.code == .usage)
        #expect(
            fault?.message.hasPrefix("the time pattern `\(pattern)` \(expected)") == true,
            "\(String(describing: fault))")
    }

    @Test
    func refusesAZoneThatWouldNotBeAskedFor() {
        for format in [TimeFormat.unixSeconds, .unixMilliseconds, .pattern("%FT%T%z")] {
            let fault = Self.fault(format, "+08:00")
            #expect(fault?.code == .usage)
            #expect(fault?.message.contains("would not be asked for") == true)
            #expect(Self.fault(format) == nil)
        }
        #expect(Self.fault(.iso8601, "+08:00") == nil)
    }

    @Test
    func saysWhatAFieldMustBe() throws {
        #expect(try Self.parser(.unixSeconds).expectation == "a time in seconds since 1970")
        #expect(try Self.parser(.pattern("%F %T")).expectation == "a time as `%F %T` has it")
    }

    @Test
    func ingestReadsTimesByPatternInAZone() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.file(
            "log.csv", "user,item,rating,time\n1,2,3,11/12/2019 2:14:46 PM\n1,2,3,11/31/2019 2:14:46 PM\n")
        var settings = IngestSettings.small([path])
        let format = TimeFormat.pattern("%m/%d/%Y %I:%M:%S %p")
        settings.roles.time = .init(column: "time", format: format, zone: "-08:00")
        let failure = await Ingested.failure(settings)
        #expect(
            failure?.description == "\(path):3:4: error: `time` must be a time as `%m/%d/%Y %I:%M:%S %p` has it, is "
                + "`11/31/2019 2:14:46 PM`" + IngestErrorTests.advice)
        _ = try folder.file("log.csv", "user,item,rating,time\n1,2,3,11/12/2019 2:14:46 PM\n")
        #expect(try await Ingested(settings).rows.times == [1_573_596_886_000])
        settings.roles.time.zone = "Nowhere"
        #expect(throws: StageError.self) { try settings.validate() }
        #expect(await Ingested.failure(settings)?.code == .usage)
    }

    /// Any bytes are a time or none, never a trap; all that is read is in range.
    @Test
    func survivesAnyBytes() throws {
        let parsers = [
            try Self.parser(.unixSeconds), try Self.parser(.unixMilliseconds),
            try Self.parser(.iso8601, "America/New_York"),
            try Self.parser(.pattern("%a %b %d %I:%M:%S %p %Y"), "Australia/Lord_Howe"),
            try Self.parser(.pattern("%y%j%H%M%S.%f%z")), try Self.parser(.pattern("%B %d %Y%%")),
        ]
        let seeds = [
            "964982703.125", "-964982703125", "2019-11-12T02:14:46.125+08:00", "20191112T021446Z",
            "Tue Nov 12 2:14:46 PM 2019", "19316021446.5-0330", "November 12 2019%", "9999-12-31T23:59:60",
            "0001-01-01T00:00:00",
        ].map { Array($0.utf8) }
        let frequent = Array("0123456789+-:., TZapm%".utf8) + [0, 0x80, 0xFF]
        var random = SystemRandomNumberGenerator()
        var readCount = 0
        for round in 0..<60_000 {
            var bytes = seeds[round % seeds.count]
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let place = Int.random(in: 0...bytes.count, using: &random)
                let byte = frequent.randomElement(using: &random) ?? 0
                switch Int.random(in: 0...2, using: &random) {
                case 0: bytes.insert(byte, at: place)
                case 1: bytes = Array(bytes[..<place])
                default: if place < bytes.count { bytes[place] = byte }
                }
            }
            for parser in parsers {
                guard let time = parser.milliseconds(bytes.span) else { continue }
                readCount += 1
                #expect((-62_135_596_800_000...253_402_300_799_999).contains(time))
            }
        }
        #expect(readCount > 1000)
    }
}
