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
        var tally = CTRTally()
        for user in ScriptedUsers.corners { try tally.add(ClickCounts(labels: user.train)) }
        #expect(report.origin == .users(tally, stores: []))
        #expect(tally.usersWithoutTrain == 1)
        #expect(tally.allPositiveUsers == 2)
        #expect(tally.allNegativeUsers == 1)
        #expect(tally.singleClassUsers == 3)
        #expect(tally.pairCount == 6)
    }

    @Test("makes no report of a stream that ends inside a user's samples")
    func cutUser() async {
        let stream = ThreadedSequence<SampleBatch> { output throws(StageError) in
            var batch = ScriptedUsers.batch(ScriptedUsers.corners)
            batch.continuesUser = true
            try output.send(batch)
        }
        let error = await #expect(throws: StageError.self) { try await stream.measureCTR() }
        #expect(error?.code == .data)
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
        let quantiles = try #require(Quantiles(rising: [0, 0.2, 0.5, 0.6, 1].map { ($0, 1) }))
        for (ours, numpy) in [
            (quantiles.min, 0), (quantiles.p05, 0.04), (quantiles.p25, 0.2), (quantiles.p50, 0.5), (quantiles.p75, 0.6),
            (quantiles.p95, 0.92), (quantiles.max, 1),
        ] {
            #expect(abs(ours - numpy) < 1e-12)
        }
        #expect(Quantiles(rising: []) == nil)
    }

    @Test("a value that several users have counts as often, as numpy counts it")
    func weightedQuantiles() throws {
        // numpy.quantile([0, 0, 0, 0.25, 0.25, 0.5, 1, 1, 1, 1], [0.05, 0.25, 0.5, 0.75, 0.95])
        let quantiles = try #require(Quantiles(rising: [(0, 3), (0.25, 2), (0.5, 1), (1, 4)]))
        #expect(
            [quantiles.min, quantiles.p05, quantiles.p25, quantiles.p50, quantiles.p75, quantiles.p95, quantiles.max]
                == [0, 0, 0.0625, 0.375, 1, 1, 1])
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
}
