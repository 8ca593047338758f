import Samples
import Testing

@testable import LogIngest

struct TimeZoneTests {
    private static let folders = [Fixture.path("zoneinfo")]

    private static func fault(_ name: String, folders: [String] = folders) -> StageError? {
        do throws(StageError) {
            _ = try TimeZoneRules(named: name, folders: folders)
            return nil
        } catch {
            return error
        }
    }

    @Test
    func looksUpOffsetsAndUTCWithoutData() throws {
        let hours: [(String, Int64)] = [
            ("UTC", 0), ("Etc/UTC", 0), ("GMT", 0), ("Z", 0), ("+08:00", 8), ("-0500", -5), ("+14", 14),
        ]
        for (name, hours) in hours {
            #expect(try TimeZoneRules(named: name, folders: []).offset(atLocal: 0) == hours * 3600, "\(name)")
        }
    }

    @Test
    func refusesWhatIsNoZone() throws {
        let names = [
            "Asia/Shangai", "asia/shanghai", "", "/etc/passwd", "../times.tsv", "Asia/../Asia/Shanghai",
            "Asia//Shanghai",
            "Asia", "Asia/Shanghai/", "Asia/Sháng", "A\0B", String(repeating: "a", count: 5000), "+8", "+24:00",
            "-08:0",
            "+08:00 ",
        ]
        for name in names { #expect(Self.fault(name)?.code == .usage, "\(name)") }
        #expect(Self.fault("Asia/Shangai")?.message == "there is no time zone `Asia/Shangai`")
    }

    @Test
    func saysThatThereIsNoData() {
        let fault = Self.fault("Asia/Shanghai", folders: ["/nowhere/zoneinfo"])
        #expect(fault?.code == .environment)
        #expect(fault?.advice?.contains("tzdata") == true)
        #expect(Self.fault("Asia/Shanghai", folders: ["/nowhere/zoneinfo"] + Self.folders) == nil)
    }

    @Test
    func refusesFilesThatAreNoZones() throws {
        let folder = try TemporaryFolder()
        let berlin = try Fixture.bytes("zoneinfo/Europe/Berlin")
        _ = try folder.file("Good", berlin)
        _ = try folder.file("Text", "a text, not a zone, which is longer than the header of a zone's file is")
        _ = try folder.file("Empty", "")
        _ = try folder.file("Cut", berlin[..<400])
        #expect(Self.fault("Good", folders: [folder.path]) == nil)
        for name in ["Text", "Empty", "Cut"] {
            #expect(Self.fault(name, folders: [folder.path])?.code == .usage, "\(name)")
        }
    }

    /// Damaged in any byte or cut anywhere, a zone's file is read as some zone or refused.
    @Test
    func survivesDamagedFiles() throws {
        for name in ["Europe/Berlin", "America/Nuuk", "Asia/Kolkata"] {
            let bytes = try Fixture.bytes("zoneinfo/" + name)
            #expect(TimeZoneFile(bytes) != nil)
            for count in bytes.indices { #expect(TimeZoneFile(Array(bytes[..<count])) == nil, "\(count)") }
            for index in bytes.indices {
                for value in [0, 1, 0x7F, 0x80, 0xFF, bytes[index] ^ 0x10] as [UInt8] {
                    var damaged = bytes
                    damaged[index] = value
                    guard let file = TimeZoneFile(damaged) else { continue }
                    // A whole table takes time; the offsets of its ends show whether anything overflows.
                    guard index % 5 == 0 || index >= bytes.count - 40 else { continue }
                    let rules = TimeZoneRules(file)
                    for local in [TimeParser.seconds.lowerBound, 0, TimeParser.seconds.upperBound] {
                        #expect(abs(rules.offset(atLocal: local)) < 200 * 3600)
                    }
                }
            }
        }
    }

    /// RFC 8536, sections 3.3 and 3.3.1; POSIX, `TZ`.
    @Test
    func readsFooters() throws {
        func zone(_ text: String) -> PosixTimeZone? { PosixTimeZone(Array(text.utf8)) }
        #expect(zone("CST-8")?.offset == 28_800)
        #expect(zone("<+0545>-5:45")?.offset == 20_700)
        #expect(zone("LMT4:56:02")?.offset == -17_762)
        #expect(zone("EST5EDT,M3.2.0,M11.1.0")?.summer?.offset == -14_400)
        #expect(zone("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0")?.summer?.offset == 39_600)
        func changes(_ text: String, _ year: Int) -> [Int64]? {
            zone(text).flatMap { zone in
                zone.summer?.changes(in: year, standardOffset: zone.offset).map(\.time)
            }
        }
        // 2024-03-10T07:00Z and 2024-11-03T06:00Z.
        #expect(changes("EST5EDT,M3.2.0,M11.1.0", 2024) == [1_710_054_000, 1_730_613_600])
        // The hour before midnight of the last Sunday of March, the last Sunday of October, 2024.
        #expect(changes("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 2024) == [1_711_846_800, 1_729_990_800])
        // 1 March whether or not the year is leap; the 60th day of the year.
        #expect(changes("A-0", 2024) == nil)
        #expect(changes("AAA0BBB,J60/0,J365/1", 2024) == [1_709_251_200, 1_735_603_200])
        #expect(changes("AAA0BBB,59/0,J365/1", 2024) == [1_709_164_800, 1_735_603_200])
        #expect(changes("AAA0BBB,59/0,J365/1", 2023) == [1_677_628_800, 1_703_980_800])
        let bad = [
            "", "C-8", "CST", "CST-25", "CST-8x", "EST5EDT", "EST5EDT,M3.2.0", "EST5EDT,M13.2.0,M11.1.0",
            "EST5EDT,M3.6.0,M11.1.0", "EST5EDT,M3.2.7,M11.1.0", "EST5EDT,J0,J1", "EST5EDT,366,J1",
            "EST5EDT,M3.2.0/168,M11.1.0", "<+08-8", "CST-8:60", "EST5EDT,M3.2.0,M11.1.0,", "CST-9999999999999999999999",
        ]
        for text in bad { #expect(zone(text) == nil, "\(text)") }
    }

    /// Summer time all year, as RFC 8536 writes it: each year's end is the next one's start.
    @Test
    func readsARuleWithoutStandardTime() throws {
        var bytes = try Fixture.bytes("zoneinfo/Asia/Kolkata")
        let footer = "\nIST-5:30\n"
        #expect(String(decoding: bytes.suffix(footer.utf8.count), as: UTF8.self) == footer)
        bytes.removeLast(footer.utf8.count)
        bytes += Array("\nAAA5BBB,0/0,J365/25\n".utf8)
        let rules = TimeZoneRules(try #require(TimeZoneFile(bytes)))
        for seconds in stride(from: Int64(1_700_000_000), to: 1_800_000_000, by: 10_000) {
            #expect(rules.offset(atLocal: seconds) == -4 * 3600)
        }
    }

    @Test
    func skippedTimesAreLaterAndRepeatedOnesTheFirst() throws {
        let format = IngestSettings.TimeFormat.iso8601
        func time(_ text: String, _ zone: String) throws -> Int64? {
            try TimeParserTests.milliseconds(text, format, zone)
        }
        // Berlin, 2024-03-31: 02:00 becomes 03:00.
        #expect(try time("2024-03-31T02:30:00", "Europe/Berlin") == time("2024-03-31T03:30:00", "Europe/Berlin"))
        #expect(try time("2024-03-31T02:30:00", "Europe/Berlin") == time("2024-03-31T02:30:00", "+01:00"))
        // Berlin, 2024-10-27: 03:00 becomes 02:00.
        #expect(try time("2024-10-27T02:30:00", "Europe/Berlin") == time("2024-10-27T02:30:00", "+02:00"))
        #expect(try time("2024-10-27T03:00:00", "Europe/Berlin") == time("2024-10-27T03:00:00", "+01:00"))
        // Samoa had no 30 December 2011.
        #expect(try time("2011-12-30T12:00:00", "Pacific/Apia") == time("2011-12-31T12:00:00", "Pacific/Apia"))
        // Half an hour on Lord Howe Island, 2023-10-01: 02:00 becomes 02:30.
        #expect(
            try time("2023-10-01T02:15:00", "Australia/Lord_Howe")
                == time("2023-10-01T02:45:00", "Australia/Lord_Howe"))
    }

    @Test(
        .enabled(
            if: (try? Fixture.bytes(at: "/usr/share/zoneinfo/Asia/Shanghai")) != nil,
            "this machine has no time zone data"))
    func readsTheMachinesZones() throws {
        let rules = try TimeZoneRules(named: "Asia/Shanghai")
        #expect(rules.offset(atLocal: 1_573_524_886) == 28_800)
    }
}
