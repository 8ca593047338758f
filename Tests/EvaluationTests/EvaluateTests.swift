import Evaluation
import Samples
import Testing

@Suite("Evaluating a prediction stream")
struct EvaluateTests {
    private static let rows = ScoredRows(
        users: [1, 1, 1, 2, 2, 3, 3, 3, 3, 4, 5, 5], labels: [0, 1, 1, 0, 0, 1, 0, 1, 0, 1, 0, 1],
        logits: [-1, 0.5, -2, 0.1, 0.3, 2, 2, -0.5, 0, 1, 4, -3])

    @Test("gives the same metrics however the rows are cut into batches")
    func batchBoundaries() async throws {
        let rows = Self.rows
        let schema = ScoredRows.schema(users: 9)
        let settings = EvaluationSettings(bootstrap: UserBootstrap(resamples: 3))
        let whole = try await PredictionSource([rows.batch(schema: schema)]).evaluate(settings).metrics
        #expect(whole.seed == schema.seed)
        #expect(whole.scope.users == .init(total: 9, evaluated: 3, singleClass: 2, withoutRows: 4))
        for cuts in 0..<(1 << (rows.count - 1)) {
            var batches: [PredictionBatch] = [PredictionBatch(schema)]
            var start = 0
            for end in 1...rows.count where end == rows.count || cuts & (1 << (end - 1)) != 0 {
                batches.append(rows.batch(start..<end, schema: schema))
                start = end
            }
            #expect(try await PredictionSource(batches).evaluate(settings).metrics == whole)
        }
    }

    @Test("looks at one part only and counts users by what they have in it")
    func parts() async throws {
        var batch = Self.rows.batch(schema: ScoredRows.schema(users: 6, globalCTR: 0.3))
        // User 1: validation alone. User 3: its test rows are one class. Nothing of user 4.
        for row in [0, 1, 2, 5, 7] { batch.parts[row] = .validation }
        batch.parts[9] = .train
        batch.logits[0][9] = .nan
        let test = try await PredictionSource([batch]).evaluate().metrics
        #expect(
            test.scope
                == EvaluationScope(
                    part: .test, globalCTR: 0.3,
                    users: .init(total: 6, evaluated: 1, singleClass: 2, withoutRows: 3), samples: 6, positives: 1))
        #expect(test.arms.map(\.gauc) == [0])
        let validation = try await PredictionSource([batch]).evaluate(EvaluationSettings(part: .validation)).metrics
        #expect(validation.scope.part == .validation)
        #expect(validation.scope.users == .init(total: 6, evaluated: 1, singleClass: 1, withoutRows: 4))
        #expect(validation.arms.map(\.gauc) == [0.5])
    }

    @Test("keeps arms apart and in the stream's order")
    func arms() async throws {
        var batch = Self.rows.batch(schema: ScoredRows.schema(users: 5, arms: ["item_mean", "cloud"]))
        batch.logits[1] = batch.logits[1].map { -$0 }
        let metrics = try await PredictionSource([batch]).evaluate().metrics
        #expect(metrics.arms.map(\.arm) == ["item_mean", "cloud"])
        let expected = try Self.rows.evaluated().arms[0]
        #expect(metrics.arms[0].auc == expected.auc)
        #expect(metrics.arms[1].auc == expected.auc.map { 1 - $0 })
    }

    @Test("weights GAUC by a user's rows in the part, and the user mean not")
    func weights() async throws {
        // User 1: AUC 1 over 2 rows; user 2: AUC 0 over 4 rows.
        let rows = ScoredRows(users: [1, 1, 2, 2, 2, 2], labels: [1, 0, 1, 0, 0, 0], logits: [1, 0, 0, 1, 2, 3])
        let arm = try await PredictionSource([rows.batch()]).evaluate().metrics.arms[0]
        #expect(arm.gauc == 2.0 / 6)
        #expect(arm.averageAUC == 0.5)
    }

    @Test("takes predictions in impression lists as it takes others")
    func groups() async throws {
        var batch = Self.rows.batch(schema: ScoredRows.schema(users: 5))
        batch.groups = (0..<batch.count).map { Int64($0 / 2) }
        #expect(try await PredictionSource([batch]).evaluate().metrics.arms == Self.rows.evaluated().arms)
    }

    @Test("tells text keys apart as it does numbers")
    func textKeys() async throws {
        var batch = Self.rows.batch(schema: ScoredRows.schema(users: 5, userKind: .text))
        batch.users = .text(TextColumn(Self.rows.users.map { "user-\($0)" }))
        let metrics = try await PredictionSource([batch]).evaluate().metrics
        #expect(try metrics.arms == Self.rows.evaluated().arms)
        batch.users = .text(TextColumn(["ada", "ben"] + Self.rows.users.dropFirst(2).map { _ in "ada" }))
        await expectFailure("rows of user ada are not contiguous", [batch])
    }

    @Test("refuses a user who comes back, within a batch, in a later one and in another part")
    func contiguity() async throws {
        let schema = ScoredRows.schema(users: 5)
        let rows = ScoredRows(users: [7, 8, 7], labels: [0, 1, 1], logits: [0, 1, 2])
        await expectFailure("rows of user 7 are not contiguous", [rows.batch(schema: schema)])
        let cut = [
            rows.batch(0..<1, schema: schema), rows.batch(1..<2, schema: schema), rows.batch(2..<3, schema: schema),
        ]
        await expectFailure("rows of user 7 are not contiguous", cut)
        var first = cut[0]
        first.parts = [.validation]
        await expectFailure("rows of user 7 are not contiguous", [first, cut[1], cut[2]])
    }

    @Test("names arm, user and row of a logit that is not finite", arguments: [Double.nan, .infinity, -.infinity])
    func nonFiniteLogits(_ logit: Double) async throws {
        let schema = ScoredRows.schema(users: 5, arms: ["cloud", "corrected"])
        let first = Self.rows.batch(0..<5, schema: schema)
        var second = Self.rows.batch(5..<12, schema: schema)
        second.logits[1][3] = logit
        await expectFailure("arm corrected: the logit of user 3 (row 9) is \(logit)", [first, second])
    }

    @Test("refuses labels other than 0 and 1", arguments: [Float(0.5), -1, .nan])
    func labels(_ label: Float) async throws {
        var batch = Self.rows.batch()
        batch.labels[4] = label
        await expectFailure("label \(label) of user 2 (row 5) is neither 0 nor 1", [batch])
    }

    @Test("refuses a stream without predictions, or without any of the part")
    func nothingToEvaluate() async throws {
        await expectFailure("there are no predictions to evaluate", [])
        await expectFailure("there are no predictions to evaluate", [PredictionBatch(ScoredRows.schema(users: 3))])
        var batch = Self.rows.batch()
        batch.parts = batch.parts.map { _ in .validation }
        await expectFailure("none of the 12 predictions belongs to the test part", [batch])
    }

    @Test("refuses a schema that cannot be")
    func schema() async throws {
        let rows = Self.rows
        await expectFailure("the predictions hold no arm", [rows.batch(schema: ScoredRows.schema(users: 5, arms: []))])
        await expectFailure(
            "the predictions hold two arms of one name",
            [rows.batch(schema: ScoredRows.schema(users: 5, arms: ["cloud", "cloud"]))])
        await expectFailure(
            "the global CTR of the predictions is nan",
            [rows.batch(schema: ScoredRows.schema(users: 5, globalCTR: .nan))])
        await expectFailure(
            "predictions hold 5 users, but their schema says that there are 4",
            [rows.batch(schema: ScoredRows.schema(users: 4))])
        await expectFailure(
            "the schema of the predictions changes midway",
            [
                rows.batch(0..<5, schema: ScoredRows.schema(users: 5)),
                rows.batch(5..<12, schema: ScoredRows.schema(users: 6)),
            ])
    }

    @Test("passes the stream's failure on")
    func upstreamFailure() async {
        let source = PredictionSource { index throws(StageError) in
            if index == 1 { throw StageError(.data, "torn") }
            return Self.rows.batch()
        }
        await #expect(throws: StageError(.data, "torn")) { try await source.evaluate() }
    }

    @Test("stops at the next batch once cancelled")
    func cancellation() async {
        let schema = ScoredRows.schema(users: 1000)
        let source = PredictionSource { index in
            if index == 3 { withUnsafeCurrentTask { $0?.cancel() } }
            return ScoredRows(users: [Int64(index)], labels: [1], logits: [0]).batch(schema: schema)
        }
        let outcome = await Task { () throws(StageError) -> EvaluatedRun in try await source.evaluate() }.result
        #expect(throws: StageError.cancelled) { try outcome.get() }
        #expect(source.requests.value == 4)
    }

    @Test("has no result when a cancelled stream just ends")
    func cancelledEnd() async {
        let source = PredictionSource { index in
            if index == 0 { return Self.rows.batch() }
            withUnsafeCurrentTask { $0?.cancel() }
            return nil
        }
        let outcome = await Task { () throws(StageError) -> EvaluatedRun in try await source.evaluate() }.result
        #expect(throws: StageError.cancelled) { try outcome.get() }
    }

    private func expectFailure(
        _ message: String, _ batches: [PredictionBatch], sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        do throws(StageError) {
            _ = try await PredictionSource(batches).evaluate().metrics
            Issue.record("nothing was thrown", sourceLocation: sourceLocation)
        } catch {
            #expect(error.code == .data, sourceLocation: sourceLocation)
            #expect(error.message == message, sourceLocation: sourceLocation)
        }
    }
}
