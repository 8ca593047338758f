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

    @Test(
        "refuses files that are no ctr.json or cannot be",
        arguments: ["", "{}", "[1]", "{\"format\":2}", "not json"])
    func refusals(text: String) {
        #expect(throws: StageError.self) { try CTRReport(json: Array(text.utf8), name: "x") }
    }

    @Test("refuses a global CTR that is not inside (0, 1)", arguments: ["0", "1", "-1", "1e400"])
    func refusedCTR(value: String) throws {
        let json = String(decoding: try CTRReport(users: [ClickCounts(samples: 4, positives: 1)]).json(), as: UTF8.self)
        let changed = json.replacing("\"global_ctr\" : 0.25", with: "\"global_ctr\" : \(value)")
        #expect(changed != json)
        #expect(throws: StageError.self) { try CTRReport(json: Array(changed.utf8), name: "x") }
    }
}
