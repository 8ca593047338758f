import ByteStreams
import LabelCorrection
import Samples
import Testing

@testable import LocalStages

@Suite("The stage correct")
struct LabelCorrectionSequenceTests {
    @Test(
        "gives every user's train part the global CTR as mean, however the stream is cut", arguments: [1, 2, 3, 5, 100])
    func means(rows: Int) async throws {
        let p = try GlobalCTR(0.4)
        let raw = ScriptedUsers.batch(ScriptedUsers.corners)
        let corrected = try await ScriptedUsers.stream(ScriptedUsers.corners, rows: rows)
            .correctingLabels(to: p).collected()
        let labels = try #require(corrected.correctedLabels)
        let parts = try #require(corrected.parts)
        for range in corrected.userRanges {
            let train = range.filter { parts[$0] == .train }
            guard !train.isEmpty else { continue }
            let mean = train.reduce(0.0) { $0 + Double(labels[$1]) } / Double(train.count)
            #expect(abs(mean - 0.4) < 1e-6)
            #expect(train.allSatisfy { (0...1).contains(labels[$0]) })
        }
        for row in 0..<corrected.count where parts[row] != .train { #expect(labels[row] == raw.labels[row]) }
        // Nothing else changes: neither rows nor order nor features nor labels.
        var rest = corrected
        rest.correctedLabels = nil
        rest.continuesUser = false
        #expect(rest == raw)
    }

    @Test("makes of each user's train labels what the correction makes of them", arguments: CorrectionMethod.allCases)
    func methods(method: CorrectionMethod) async throws {
        let correction = Correction(method, priorStrength: 2, smoothing: 0.4)
        let p = try GlobalCTR(0.4)
        let corrected = try await ScriptedUsers.stream(ScriptedUsers.corners, rows: 3)
            .correctingLabels(to: p, by: correction).collected()
        var expected: [Float] = []
        for user in ScriptedUsers.corners {
            var train = user.train
            correction.correct(&train, to: p)
            expected += train + user.validation + user.test
        }
        #expect(corrected.correctedLabels == expected)
        #expect((corrected.correctedLabels != corrected.labels) == method.changesLabels)
    }

    @Test("corrects the newest samples alone where there is a cap, as tuning does", arguments: [1, 3, 1000])
    func newest(most: Int) async throws {
        let p = try GlobalCTR(0.4)
        let corrected = try await ScriptedUsers.stream(ScriptedUsers.corners, rows: 3)
            .correctingLabels(to: p, newest: most).collected()
        var expected: [Float] = []
        for user in ScriptedUsers.corners {
            var known = Array(user.train.suffix(most))
            Correction().correct(&known, to: p)
            expected += user.train.dropLast(known.count) + known + user.validation + user.test
        }
        #expect(corrected.correctedLabels == expected)
    }

    @Test("lets impression lists pass")
    func groups() async throws {
        let samples = ScriptedUsers.batch(ScriptedUsers.corners).grouped
        let stream = ThreadedSequence<SampleBatch> { output throws(StageError) in
            for start in 0..<samples.count {
                var piece = SampleBatch(samples.schema, partitioned: true)
                piece.append(contentsOf: start..<(start + 1), of: samples)
                piece.continuesUser =
                    start + 1 < samples.count && samples.users.isEqual(start, to: samples.users, start + 1)
                try output.send(piece)
            }
        }
        let corrected = try await stream.correctingLabels(to: GlobalCTR(0.4)).collected()
        #expect(corrected.groups == samples.groups)
        #expect(corrected.schema == samples.schema)
    }

    @Test("a user whose rows do not fit in one batch is an error, with advice", arguments: [1, 2, 7])
    func limit(rows: Int) async throws {
        // The largest user has 15 rows.
        var joined = ScriptedUsers.stream(ScriptedUsers.corners, rows: rows).joiningUsers()
        joined.limit = ScriptedUsers.batch(ScriptedUsers.corners).count
        _ = try await joined.collected()
        joined.limit = 14
        let error = await #expect(throws: StageError.self) { try await joined.collected() }
        #expect(error == .userDoesNotFit(limit: 14))
        #expect(error?.code == .data)
    }

    @Test("never cuts a user", arguments: [1, 2, 7])
    func wholeUsers(rows: Int) async throws {
        var seen: Set<UserKey> = []
        for try await batch in ScriptedUsers.stream(ScriptedUsers.corners, rows: rows).joiningUsers() {
            #expect(!batch.continuesUser)
            for range in batch.userRanges { #expect(seen.insert(batch.users[range.lowerBound]).inserted) }
        }
        #expect(seen.count == ScriptedUsers.corners.count)
    }

    @Test("refuses a stream in log order")
    func notPartitioned() async {
        let stream = ThreadedSequence<SampleBatch> { output throws(StageError) in
            try output.send(SampleBatch(ScriptedUsers.schema))
        }
        await #expect(throws: StageError.self) {
            try await stream.correctingLabels(to: GlobalCTR(0.5)).collected()
        }
    }

    @Test("refuses a user whose train samples stand after later parts, and one that is cut off")
    func disorder() async throws {
        var batch = ScriptedUsers.batch([.init(key: 1, train: [1, 0], test: [1])])
        batch.parts = [.train, .test, .train]
        let disordered = batch
        let stream = ThreadedSequence<SampleBatch> { output throws(StageError) in try output.send(disordered) }
        let error = await #expect(throws: StageError.self) {
            try await stream.correctingLabels(to: GlobalCTR(0.5)).collected()
        }
        #expect(error?.message.contains("user 1") == true)
        batch.parts = [.train, .train, .test]
        batch.continuesUser = true
        let open = batch
        let cut = ThreadedSequence<SampleBatch> { output throws(StageError) in try output.send(open) }
        await #expect(throws: StageError.self) { try await cut.correctingLabels(to: GlobalCTR(0.5)).collected() }
    }

    @Test("passes an upstream failure on")
    func failure() async {
        let stream = ThreadedSequence<SampleBatch> { output throws(StageError) in
            try output.send(ScriptedUsers.batch(ScriptedUsers.corners))
            throw StageError(.data, "torn")
        }
        let error = await #expect(throws: StageError.self) {
            try await stream.correctingLabels(to: GlobalCTR(0.5)).collected()
        }
        #expect(error?.message == "torn")
    }

    @Test("stops when its task is cancelled")
    func cancellation() async {
        let endless = ThreadedSequence<SampleBatch> { output throws(StageError) in
            while true { try output.send(ScriptedUsers.batch(ScriptedUsers.corners)) }
        }
        let task = Task { () -> StageError? in
            do throws(StageError) {
                for try await _ in endless.correctingLabels(to: try GlobalCTR.half()) {}
                return nil
            } catch {
                return error
            }
        }
        try? await Task.sleep(for: .milliseconds(20))
        task.cancel()
        #expect(await task.value?.code == .cancelled)
    }
}

extension GlobalCTR {
    fileprivate static func half() throws(StageError) -> GlobalCTR {
        do throws(LabelCorrectionError) {
            return try GlobalCTR(0.5)
        } catch {
            throw StageError(.data, error.description)
        }
    }
}
