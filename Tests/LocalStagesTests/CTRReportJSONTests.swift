import LabelCorrection
import OrderedJSON
import Samples
import Testing

@testable import LocalStages

@Suite("ctr.json")
struct CTRReportJSONTests {
    private static let stores = [String(repeating: "a1", count: 32), String(repeating: "0b", count: 32)]

    /// Users with 1, 3, 2, 0 positives of 4, 4, 2, 2 samples, one more of the first kind of user, and one without samples.
    private static func sample() throws -> CTRReport {
        try CTRReport(
            users: [
                ClickCounts(samples: 4, positives: 1), ClickCounts(samples: 4, positives: 3),
                ClickCounts(samples: 2, positives: 2), ClickCounts(samples: 2, positives: 0), ClickCounts(),
                ClickCounts(samples: 4, positives: 1),
            ], stores: stores)
    }

    /// Three devices, two of one kind.
    private static func deviceSample() throws -> CTRReport {
        let wide = try DevicePrivacy(clip: 20, epsilon: Epsilon(0.5))
        let narrow = try DevicePrivacy(clip: 3, epsilon: Epsilon(1))
        var devices = DeviceTally()
        try devices.add(DeviceReport(samples: 300, positives: -20, privacy: wide))
        try devices.add(DeviceReport(samples: -7, positives: 80, privacy: narrow))
        try devices.add(DeviceReport(samples: 107, positives: 40, privacy: wide))
        return try CTRReport(devices)
    }

    @Test("is read back as it was written, to the byte")
    func roundTrip() async throws {
        let measured = try await ScriptedUsers.stream(ScriptedUsers.corners, rows: 4).measureCTR(stores: Self.stores)
        for report in [measured, try Self.sample(), try Self.deviceSample()] {
            let again = try CTRReport(json: report.json(), name: "ctr.json")
            #expect(again == report)
            #expect(again.json() == report.json())
        }
    }

    @Test("stands from the whole to the parts")
    func bytes() throws {
        #expect(
            String(decoding: try Self.sample().json(), as: UTF8.self) == """
                {
                  "format": 2,
                  "samples": 16,
                  "positives": 7,
                  "global_ctr": 0.4375,
                  "users": {"total": 6, "without_train": 1, "single_class": 2, "all_positive": 1, "all_negative": 1},
                  "local_ctr": {"min": 0.0, "p05": 0.05, "p25": 0.25, "p50": 0.25, "p75": 0.75, \
                "p95": 0.95, "max": 1.0},
                  "drift": {"min": -0.4375, "p05": -0.3875, "p25": -0.1875, "p50": -0.1875, "p75": 0.3125, \
                "p95": 0.5125, "max": 0.5625},
                  "stores": ["\(Self.stores[1])", "\(Self.stores[0])"],
                  "users_by_counts": [
                    [2, 0, 1],
                    [2, 2, 1],
                    [4, 1, 2],
                    [4, 3, 1]
                  ]
                }

                """)
    }

    @Test("from devices says what is known, and how much is noise")
    func deviceBytes() throws {
        // By scipy: ((2·dlaplace.var(0.0125) + dlaplace.var(1/6))·(1 + 0.25²))**0.5 / 400.
        let report = try Self.deviceSample()
        guard case .devices(let devices) = report.origin else { throw StageError(.data, "not from devices") }
        #expect(abs(devices.globalCTRNoise - 0.4128859482233333) < 1e-12)
        #expect(
            String(decoding: report.json(), as: UTF8.self) == """
                {
                  "format": 2,
                  "samples": 400,
                  "positives": 100,
                  "global_ctr": 0.25,
                  "users": {"total": 3, "without_train": null, "single_class": null, "all_positive": null, \
                "all_negative": null},
                  "local_ctr": null,
                  "drift": null,
                  "devices": {
                    "clip": 20,
                    "epsilon": 1.0,
                    "global_ctr_noise_sd": \(devices.globalCTRNoise),
                    "reports_by_privacy": [
                      [3, 1.0, 1],
                      [20, 0.5, 2]
                    ]
                  }
                }

                """)
    }

    @Test(
        "that is none is refused with what is wrong",
        arguments: [
            ("", "the document ends where a value should stand"), ("{}", "format is missing"),
            ("[1]", "the document must be an object"), ("{\"format\":3}", "format must be 2, the only one known"),
            ("{\"format\":1}", "format must be 2, 1 is that of an earlier version"),
            ("not json", "this is not JSON"), (String(repeating: "[", count: 200), "values are nested"),
        ])
    func refusals(text: String, message: String) throws {
        let error = try #require(throws: StageError.self) { try CTRReport(json: Array(text.utf8), name: "x") }
        #expect(error.message.hasPrefix(message))
        #expect(error.code == .data)
        #expect(error.position?.file == "x")
        #expect(error.advice == "make it with `plumb ctr STORE -o ctr.json`")
    }

    @Test(
        "with wrong types, missing members or counts that cannot be is refused by the member's path",
        arguments: [
            (#""samples": 16"#, #""samples": "16""#, "samples must be an integer from 2 to"),
            (#""samples": 16"#, #""samples": 16.0"#, "samples must be an integer from 2 to"),
            (#""samples": 16"#, #""samples": 1"#, "samples must be an integer from 2 to"),
            (#""samples": 16"#, #""samples": 7"#, "positives must be an integer from 1 to 6"),
            (#""samples": 16"#, #""samples": 9223372036854775807"#, "global_ctr must be"),
            (#""positives": 7"#, #""positives": 0"#, "positives must be an integer from 1 to 15"),
            (#""positives": 7"#, #""positives": -6"#, "positives must be an integer from 1 to 15"),
            (#""positives": 7"#, #""positives": 8"#, "global_ctr must be 0.5"),
            (#""positives": 7,"#, "", "positives is missing"),
            (#""global_ctr": 0.4375"#, #""global_ctr": 0"#, "global_ctr must be 0.4375,"),
            (#""global_ctr": 0.4375"#, #""global_ctr": 1"#, "global_ctr must be 0.4375,"),
            (#""global_ctr": 0.4375"#, #""global_ctr": 1e400"#, "the number that starts here is out of range"),
            (#""global_ctr": 0.4375"#, #""global_ctr": null"#, "global_ctr must be a number"),
            (#""total": 6"#, #""total": 4"#, "users.total must be an integer from 5 to"),
            (#""total": 6"#, #""total": 7"#, "users.without_train must be 2, as users_by_counts says"),
            (#""total": 6"#, #""total": 9223372036854775807"#, "users.without_train must be"),
            (#""total": 6"#, #""total": 9223372036854775808"#, "users.total must be an integer from 5 to"),
            (#""without_train": 1"#, #""without_train": 0"#, "users.without_train must be 1,"),
            (#""single_class": 2"#, #""single_class": 3"#, "users.single_class must be 2,"),
            (#""all_positive": 1"#, #""all_positive": 9"#, "users.all_positive must be 1,"),
            (#""all_negative": 1"#, #""all_negative": null"#, "users.all_negative must be 1,"),
            (#""p05": 0.05, "#, "", "local_ctr.p05 is missing"),
            (#""p05": 0.05, "#, #""p05": 0.06, "#, "local_ctr.p05 must be 0.05, as users_by_counts says"),
            (#""min": -0.4375"#, #""min": -2"#, "drift.min must be -0.4375, as users_by_counts says"),
            (#""drift": {"#, #""drift": 1, "x": {"#, "drift must be an object"),
            (#""stores": ["#, #""stores": "0b", "x": ["#, "stores must be an array"),
            (#""stores": ["#, #""stores": [1, "#, "stores[0] must be a text"),
            (#""stores": ["#, #""stores": ["0b", "#, "stores[0] must be a store's fingerprint"),
            (#""0b0b"#, #""ffff"#, "stores[1] must be a store's fingerprint, 64 hexadecimal digits, above"),
            (#""0b0b"#, #""0B0b"#, "stores[0] must be a store's fingerprint"),
            (#""users_by_counts": ["#, #""users_by_counts": {}, "x": ["#, "users_by_counts must be an array"),
            ("[4, 1, 2]", "[4, 1, 3]", "users_by_counts must be counts that add up to 16 samples, 7 of them positive"),
            ("[4, 1, 2],\n", "", "users_by_counts must be counts that add up to 16 samples, 7 of them positive"),
            ("[4, 1, 2]", "[4, 0, 2]", "users_by_counts must be counts that add up to 16 samples, 7 of them positive"),
            ("[4, 1, 2]", "[2, 1, 2]", "users_by_counts[2] must be [samples, positives, users]"),
            ("[4, 1, 2]", "[2, 2, 2]", "users_by_counts[2] must be [samples, positives, users]"),
            ("[2, 0, 1]", "[0, 0, 1]", "users_by_counts[0] must be [samples, positives, users]"),
            ("[2, 0, 1]", "[2, -1, 1]", "users_by_counts[0] must be [samples, positives, users]"),
            ("[2, 2, 1]", "[2, 3, 1]", "users_by_counts[1] must be [samples, positives, users]"),
            ("[2, 2, 1]", "[2, 2, 0]", "users_by_counts[1] must be [samples, positives, users]"),
            ("[2, 2, 1]", "[2, 2, 1, 1]", "users_by_counts[1] must be [samples, positives, users]"),
            ("[2, 2, 1]", "[2, 2, 1.0]", "users_by_counts[1] must be [samples, positives, users]"),
            ("[2, 2, 1]", "7", "users_by_counts[1] must be [samples, positives, users]"),
            ("[2, 2, 1]", "[2, 2, 9223372036854775807]", "users_by_counts must be counts that add up to"),
            ("[4, 3, 1]", "[9223372036854775807, 3, 1]", "users_by_counts must be counts that add up to"),
            ("[4, 3, 1]", "[9223372036854775808, 3, 1]", "users_by_counts[3] must be [samples, positives, users]"),
        ])
    func impossible(old: String, new: String, message: String) throws {
        try expectRefusal(of: Self.sample(), old, new, message)
    }

    @Test(
        "from devices is held against itself, too",
        arguments: [
            (#""samples": 400"#, #""samples": 100"#, "positives must be an integer from 1 to 99"),
            (#""total": 3"#, #""total": 4"#, "users.total must be 3, as devices.reports_by_privacy says"),
            (#""clip": 20"#, #""clip": 21"#, "devices.clip must be 20.0, as devices.reports_by_privacy says"),
            (#""epsilon": 1.0"#, #""epsilon": 2.0"#, "devices.epsilon must be 1.0,"),
            (#""global_ctr_noise_sd": 0."#, #""global_ctr_noise_sd": 1."#, "devices.global_ctr_noise_sd must be 0.41"),
            ("[3, 1.0, 1]", "[0, 1.0, 1]", "devices.reports_by_privacy[0][0] must be an integer from 1 to 1000000000"),
            ("[3, 1.0, 1]", "[3, 0.0, 1]", "devices.reports_by_privacy[0][1] must be from 0.000001 to 1000"),
            ("[3, 1.0, 1]", "[3, 1.0, 0]", "devices.reports_by_privacy[0][2] must be an integer from 1 to"),
            ("[3, 1.0, 1]", "[3, 1.0]", "devices.reports_by_privacy[0] must be [clip, epsilon, reports]"),
            ("[3, 1.0, 1]", "[30, 1.0, 1]", "devices.reports_by_privacy[1] must be above the row before"),
            ("[3, 1.0, 1]", "[20, 0.5, 1]", "devices.reports_by_privacy[1] must be above the row before"),
            (
                "[3, 1.0, 1]", "[3, 1.0, 9223372036854775807]",
                "devices.reports_by_privacy must be 1 report or more, and at most"
            ),
        ])
    func impossibleDevices(old: String, new: String, message: String) throws {
        try expectRefusal(of: Self.deviceSample(), old, new, message)
    }

    private func expectRefusal(of report: CTRReport, _ old: String, _ new: String, _ message: String) throws {
        let text = String(decoding: report.json(), as: UTF8.self)
        let changed = text.replacing(old, with: new, maxReplacements: 1)
        #expect(changed != text)
        let error = try #require(throws: StageError.self) { try CTRReport(json: Array(changed.utf8), name: "x") }
        #expect(error.message.hasPrefix(message), "\(error.message)")
        #expect(error.code == .data)
    }

    @Test("may have its members in any order, and others")
    func foreignOrder() throws {
        let text = String(decoding: try Self.sample().json(), as: UTF8.self)
            .replacing("  \"format\": 2,\n", with: "")
            .replacing("\n}\n", with: ", \"note\": [\"x\"], \"format\": 2}")
        #expect(try CTRReport(json: Array(text.utf8), name: "x") == Self.sample())
    }

    @Test("ends with an error, never a trap, at whatever byte it is torn")
    func torn() throws {
        for report in [try Self.sample(), try Self.deviceSample()] {
            let bytes = report.json()
            for end in 0..<(bytes.count - 2) {
                #expect(throws: StageError.self) { try CTRReport(json: Array(bytes[..<end]), name: "x") }
            }
        }
    }

    @Test("of a hundred million users with a hundred thousand pairs of counts stays within its limit, and is read back")
    func large() throws {
        var tally = CTRTally()
        for samples in 1...450 {
            for positives in 0...samples {
                try tally.add(ClickCounts(samples: samples, positives: positives), users: 985)
            }
        }
        #expect(tally.pairCount == 101_925)
        let report = try CTRReport(tally)
        let json = report.json()
        // A million pairs, ten times as many, take ten times as much.
        #expect(json.count * 10 < CTRReport.fileLimit)
        #expect(try CTRReport(json: json, name: "x") == report)
    }
}
