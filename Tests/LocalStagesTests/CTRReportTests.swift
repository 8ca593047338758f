import ByteStreams
import LabelCorrection
import Samples
import Testing

@testable import LocalStages

@Suite("The stage ctr")
struct CTRReportTests {
    @Test("counts train parts alone, however the stream is cut", arguments: [1, 2, 3, 5, 100])
    func counts(rows: Int) async throws {
        let report = try await ScriptedUsers.stream(ScriptedUsers.corners, rows: rows).measureCTR()
        #expect(report.counts == ClickCounts(samples: 22, positives: 9))
        #expect(report.globalCTR.value == 9.0 / 22)
        #expect(report.users == 7)
        #expect(report.usersWithoutTrain == 1)
        #expect(report.allPositiveUsers == 2)
        #expect(report.allNegativeUsers == 1)
    }

    @Test("stops when its task is cancelled")
    func cancellation() async throws {
        let task = Task { () -> StageError? in
            do throws(StageError) {
                _ = try await RepeatedUsers(batches: .max).measureCTR()
                return nil
            } catch {
                return error
            }
        }
        try await Task.sleep(for: .milliseconds(20))
        task.cancel()
        #expect(await task.value?.code == .cancelled)
    }

    @Test("makes no report of a stream that fails")
    func failure() async {
        let stream = ThreadedSequence<SampleBatch> { output throws(StageError) in
            try output.send(ScriptedUsers.batch(ScriptedUsers.corners))
            throw StageError(.data, "torn")
        }
        let error = await #expect(throws: StageError.self) { try await stream.measureCTR() }
        #expect(error?.message == "torn")
    }

    @Test("makes no report of a stream that a cancellation ended")
    func quietEnd() async {
        let task = Task { () -> StageError? in
            do throws(StageError) {
                _ = try await RepeatedUsers(batches: 1, endsByCancelling: true).measureCTR()
                return nil
            } catch {
                return error
            }
        }
        #expect(await task.value?.code == .cancelled)
    }

    @Test("quantiles interpolate as numpy's do")
    func quantiles() throws {
        // numpy.quantile([0, 0.2, 0.5, 0.6, 1], [0.05, 0.25, 0.5, 0.75, 0.95])
        let quantiles = try #require(Quantiles(sorted: [0, 0.2, 0.5, 0.6, 1]))
        for (ours, numpy) in [
            (quantiles.min, 0), (quantiles.p05, 0.04), (quantiles.p25, 0.2), (quantiles.p50, 0.5), (quantiles.p75, 0.6),
            (quantiles.p95, 0.92), (quantiles.max, 1),
        ] {
            #expect(abs(ours - numpy) < 1e-12)
        }
        #expect(Quantiles(sorted: []) == nil)
    }

    @Test("drift is local minus global CTR")
    func drift() throws {
        let report = try CTRReport(users: [
            ClickCounts(samples: 4, positives: 1), ClickCounts(samples: 4, positives: 3), ClickCounts(),
        ])
        #expect(report.drift?.min == -0.25)
        #expect(report.drift?.max == 0.25)
    }

    @Test("a global CTR of 0 or 1, or none at all, is an error", arguments: [(0, 5), (5, 5), (0, 0)])
    func degenerate(positives: Int, samples: Int) {
        let error = #expect(throws: StageError.self) {
            try CTRReport(users: [ClickCounts(samples: samples, positives: positives)])
        }
        #expect(error?.code == .data)
    }

    @Test("reads back what it wrote, to the byte")
    func roundTrip() async throws {
        let report = try await ScriptedUsers.stream(ScriptedUsers.corners, rows: 4).measureCTR()
        let json = try report.json()
        let again = try CTRReport(json: json, name: "ctr.json")
        #expect(again == report)
        #expect(try again.json() == json)
    }

    /// Users with 1, 3, 2, 0 positives of 4, 4, 2, 2 samples, and one without.
    private static func sample() throws -> CTRReport {
        try CTRReport(users: [
            ClickCounts(samples: 4, positives: 1), ClickCounts(samples: 4, positives: 3),
            ClickCounts(samples: 2, positives: 2), ClickCounts(samples: 2, positives: 0), ClickCounts(),
        ])
    }

    @Test("writes ctr.json from the whole to the parts")
    func bytes() throws {
        #expect(
            String(decoding: try Self.sample().json(), as: UTF8.self) == """
                {
                  "format": 1,
                  "samples": 12,
                  "positives": 6,
                  "global_ctr": 0.5,
                  "users": {"total": 5, "without_train": 1, "single_class": 2, "all_positive": 1, "all_negative": 1},
                  "local_ctr": {"min": 0.0, "p05": 0.037500000000000006, "p25": 0.1875, "p50": 0.5, "p75": 0.8125, \
                "p95": 0.9624999999999999, "max": 1.0},
                  "drift": {"min": -0.5, "p05": -0.4625, "p25": -0.3125, "p50": 0.0, "p75": 0.3125, \
                "p95": 0.4624999999999999, "max": 0.5}
                }

                """)
    }

    @Test(
        "names what is wrong in a file that is no ctr.json",
        arguments: [
            ("", "the document ends where a value should stand"), ("{}", "format is missing"),
            ("[1]", "the document must be an object"), ("{\"format\":2}", "format must be 1, the only one known"),
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
        "refuses wrong types, missing members and counts that cannot be",
        arguments: [
            (#""samples": 12"#, #""samples": "12""#, "samples must be an integer from 2 to"),
            (#""samples": 12"#, #""samples": 12.0"#, "samples must be an integer from 2 to"),
            (#""samples": 12"#, #""samples": 1"#, "samples must be an integer from 2 to"),
            (#""samples": 12"#, #""samples": 6"#, "positives must be an integer from 1 to 5"),
            (#""samples": 12"#, #""samples": 9223372036854775807"#, "global_ctr must be"),
            (#""positives": 6"#, #""positives": 0"#, "positives must be an integer from 1 to 11"),
            (#""positives": 6"#, #""positives": -6"#, "positives must be an integer from 1 to 11"),
            (#""positives": 6"#, #""positives": 7"#, "global_ctr must be 0.58"),
            (#""positives": 6,"#, "", "positives is missing"),
            (#""global_ctr": 0.5"#, #""global_ctr": 0"#, "global_ctr must be 0.5,"),
            (#""global_ctr": 0.5"#, #""global_ctr": 1"#, "global_ctr must be 0.5,"),
            (#""global_ctr": 0.5"#, #""global_ctr": -1"#, "global_ctr must be 0.5,"),
            (#""global_ctr": 0.5"#, #""global_ctr": 1e400"#, "the number that starts here is out of range"),
            (#""global_ctr": 0.5"#, #""global_ctr": null"#, "global_ctr must be a number"),
            (#""total": 5"#, #""total": 0"#, "users.total must be an integer from 1 to"),
            (#""total": 5"#, #""total": 14"#, "users.without_train must be an integer from 2 to 13"),
            (#""total": 5"#, #""total": 1"#, "users.without_train must be an integer from 0 to 0"),
            (#""total": 5"#, #""total": 2"#, "users.all_negative must be an integer from 0 to 0"),
            (#""total": 5"#, #""total": 9223372036854775807"#, "users.without_train must be an integer from"),
            (#""without_train": 1"#, #""without_train": 5"#, "users.without_train must be an integer from 0 to 4"),
            (#""single_class": 2"#, #""single_class": 3"#, "users.single_class must be an integer from 2 to 2"),
            (#""all_positive": 1"#, #""all_positive": 9"#, "users.all_positive must be an integer from 0 to 4"),
            (#""all_negative": 1"#, #""all_negative": 9"#, "users.all_negative must be an integer from 0 to 3"),
            (#""p05": 0.037500000000000006, "#, "", "local_ctr.p05 is missing"),
            (#""max": 1.0"#, #""max": 1.5"#, "local_ctr.max must be a number from 0.0 to 1.0"),
            (#""min": -0.5"#, #""min": -2"#, "drift.min must be a number from -1.0 to 1.0"),
            (#""drift": {"#, #""drift": 1, "x": {"#, "drift must be an object"),
        ])
    func impossible(old: String, new: String, message: String) throws {
        let text = String(decoding: try Self.sample().json(), as: UTF8.self)
        let changed = text.replacing(old, with: new, maxReplacements: 1)
        #expect(changed != text)
        let error = try #require(throws: StageError.self) { try CTRReport(json: Array(changed.utf8), name: "x") }
        #expect(error.message.hasPrefix(message), "\(error.message)")
    }

    @Test("reads the members of its files in any order, and passes over others")
    func foreignOrder() throws {
        let text = String(decoding: try Self.sample().json(), as: UTF8.self)
            .replacing("  \"format\": 1,\n", with: "")
            .replacing("\n}\n", with: ", \"note\": [\"x\"], \"format\": 1}")
        #expect(try CTRReport(json: Array(text.utf8), name: "x") == Self.sample())
    }

    @Test("ends with an error, never a trap, at whatever byte it is torn")
    func torn() throws {
        let bytes = try Self.sample().json()
        for end in 0..<(bytes.count - 2) {
            #expect(throws: StageError.self) { try CTRReport(json: Array(bytes[..<end]), name: "x") }
        }
    }
}
