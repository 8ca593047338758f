import ByteStreams
import CTRModels
import FineTuning
import Foundation
import LabelCorrection
import Samples
import Testing

@testable import LocalStages

@Suite("How finetune tunes each user")
struct FineTuningUsersTests {
    private func predictions(
        _ samples: SampleBatch, model: CTRModel = ScriptedStage.model(), arms: [Arm],
        _ change: (inout FineTuningSettings) -> Void = { _ in }
    ) async throws -> (PredictionBatch, FineTuningReport) {
        var settings = FineTuningSettings()
        settings.arms = arms
        change(&settings)
        return try await ScriptedStage().predictions(
            for: ScriptedUsers.stream(samples, rows: 40), settings, model: model)
    }

    private static let changes: [(name: String, arm: Arm, change: @Sendable (inout FineTuningSettings) -> Void)] = [
        ("optimizer", .finetuned, { $0.schedule.optimizer = .adam(learningRate: 0.01) }),
        ("epochs", .finetuned, { $0.schedule.epochs = 2 }), ("batch size", .finetuned, { $0.schedule.batchSize = 4 }),
        ("tuned", .finetuned, { $0.schedule.tuned = .bias }),
        (
            "pull", .corrected,
            {
                $0.schedule.pull = 0.5
                $0.schedule.epochs = 3
            }
        ), ("most samples", .corrected, { $0.mostSamples = 5 }),
        ("fewest samples", .corrected, { $0.fewestSamples = 24 }),
        ("correction", .corrected, { $0.correction.method = .additive }),
        ("prior strength", .corrected, { $0.correction.priorStrength = 5 }),
        ("restoration", .correctedPrior, { $0.restoration.rule = .match }),
        ("restoration of the cloud", .cloudPrior, { $0.restoration.rule = .match }),
    ]

    @Test("each setting changes the arm that it is for", arguments: 0..<changes.count)
    func settings(index: Int) async throws {
        let samples = ScriptedUsers.batch(ScriptedStage.gated)
        let (_, arm, change) = Self.changes[index]
        // Several epochs, so that a pull shows.
        let epochs = Self.changes[index].name == "pull" ? 3 : 1
        let before = try await predictions(samples, arms: [arm]) { $0.schedule.epochs = epochs }.0
        let after = try await predictions(samples, arms: [arm], change).0
        #expect(before.logits != after.logits)
    }

    @Test("by match, a user's restored predictions for the train part have the shrunk train CTR as mean")
    func match() async throws {
        // Train samples stand once more as test samples, so that their logits are in the predictions.
        var samples = SampleBatch(ScriptedUsers.schema, partitioned: true)
        for user in ScriptedStage.gated {
            let whole = ScriptedUsers.batch([user])
            for part in [Part.train, .test] {
                samples.append(contentsOf: 0..<user.train.count, of: whole)
                let end = samples.count
                samples.parts?.replaceSubrange(
                    end - user.train.count..<end, with: repeatElement(part, count: user.train.count))
            }
        }
        let (batch, _) = try await predictions(samples, arms: [.cloudPrior, .correctedPrior]) {
            $0.restoration.rule = .match
        }
        let p = batch.schema.globalCTR
        for rows in batch.userRanges {
            let (n, k) = (Double(batch.trainSamples[rows.lowerBound]), Double(batch.trainPositives[rows.lowerBound]))
            for arm in [Arm.cloudPrior, .correctedPrior] {
                let mean = rows.reduce(0.0) { $0 + 1 / (1 + exp(-batch.logits(arm)[$1])) } / Double(rows.count)
                #expect(abs(mean - (k + 10 * p) / (n + 10)) < 1e-9)
            }
        }
    }

    @Test("the cap keeps the newest train samples, and all that tuning knows is of these; counts are of all")
    func cap() async throws {
        let arms = [Arm.cloudPrior, .finetuned, .corrected, .correctedPrior, .correctedGated]
        let whole = ScriptedUsers.batch(ScriptedStage.gated)
        var newest = SampleBatch(ScriptedUsers.schema, partitioned: true)
        for (user, range) in zip(ScriptedStage.gated, whole.userRanges) {
            newest.append(contentsOf: range.lowerBound + user.train.count - 8..<range.upperBound, of: whole)
        }
        for rule in PriorRestoration.Rule.allCases {
            let (capped, cappedReport) = try await predictions(whole, arms: arms) {
                $0.mostSamples = 8
                $0.restoration.rule = rule
            }
            let (cut, cutReport) = try await predictions(newest, arms: arms) { $0.restoration.rule = rule }
            #expect(capped.logits == cut.logits && capped.kept == cut.kept)
            #expect(cappedReport.counts == cutReport.counts)
            #expect(cut.trainSamples.allSatisfy { $0 == 8 })
            #expect(capped.trainSamples.allSatisfy { $0 >= 20 })
            #expect(zip(capped.itemSeen, cut.itemSeen).contains { $0 && !$1 })
        }
    }

    @Test("leaves users with too few train samples with the cloud model, and counts them")
    func fewSamples() async throws {
        let users = ScriptedStage.gated
        let (batch, report) = try await predictions(ScriptedUsers.batch(users), arms: [.cloud, .corrected]) {
            $0.fewestSamples = 23
        }
        let few = users.count { $0.train.count < 23 }
        #expect(few > 0 && report.counts[.fewSamples] == few && report.counts[.tuned] == users.count - few)
        for row in 0..<batch.count {
            #expect(batch.kept[row] == (batch.trainSamples[row] >= 23))
            #expect((batch.logits(.cloud)[row] == batch.logits(.corrected)[row]) == (batch.trainSamples[row] < 23))
        }
    }

    @Test("a method that the settings name and its own arm are the same; other methods differ from it")
    func methods() async throws {
        let samples = ScriptedUsers.batch(ScriptedStage.gated)
        let arms = [Arm.corrected] + CorrectionMethod.allCases.map(Arm.correctedBy)
        let (batch, report) = try await predictions(samples, arms: arms) { $0.correction.method = .logitAdjust }
        #expect(batch.logits(.corrected) == batch.logits(.correctedBy(.logitAdjust)))
        #expect(Set(batch.logits).count == CorrectionMethod.allCases.count)
        #expect(report.counts[.tuned] == report.counts.users)
        // Alone, each gives the same.
        for method in CorrectionMethod.allCases {
            let alone = try await predictions(samples, arms: [.correctedBy(method)]).0
            #expect(alone.logits[0] == batch.logits(.correctedBy(method)))
        }
    }

    @Test("a user for whom a method is not defined is left with the cloud model in its arm alone, and counted")
    func undefinedCorrection() async throws {
        let samples = ScriptedUsers.batch(ScriptedUsers.corners)
        let arms = [Arm.cloud, .corrected, .correctedBy(.reweight)]
        let (batch, report) = try await predictions(samples, arms: arms) { $0.singleClass = .tune }
        #expect(report.counts[.undefinedCorrection] == 3 && report.counts[.singleClass] == 0)
        for row in 0..<batch.count where batch.trainSamples[row] > 0 {
            let isSingle = batch.trainPositives[row] == 0 || batch.trainPositives[row] == batch.trainSamples[row]
            #expect((batch.logits(.correctedBy(.reweight))[row] == batch.logits(.cloud)[row]) == isSingle)
            #expect(batch.logits(.corrected)[row] != batch.logits(.cloud)[row])
            #expect(batch.kept[row])
        }
    }

    @Test("one user's divergence is that user's and that arm's alone; the user is counted and named")
    func divergence() async throws {
        var samples = ScriptedUsers.batch(ScriptedStage.gated)
        let arms = [Arm.cloud, .finetuned, .corrected]
        let sane = try await predictions(samples, arms: arms).0
        let range = samples.userRanges[4]
        // Corrected by rescaling, it is a label of 20 times p; raw it throws the weights out of all bounds.
        samples.labels[range.lowerBound] = 3e38
        let (batch, report) = try await predictions(samples, arms: arms)
        #expect(report.counts[.diverged] == 1 && report.counts[.tuned] == ScriptedStage.gated.count - 1)
        #expect(report.named.map(\.user) == [samples.users[range.lowerBound]])
        #expect(report.named.first?.text.contains("diverged in finetuned") == true)
        #expect(batch.logits.allSatisfy { $0.allSatisfy(\.isFinite) })
        for rows in batch.userRanges {
            let isDiverged = batch.users[rows.lowerBound] == samples.users[range.lowerBound]
            for row in rows {
                if isDiverged {
                    #expect(batch.logits(.finetuned)[row] == batch.logits(.cloud)[row])
                    #expect(batch.logits(.corrected)[row] != batch.logits(.cloud)[row] && batch.kept[row])
                } else {
                    #expect(batch.logits.map { $0[row] } == sane.logits.map { $0[row] })
                }
            }
        }
    }

    @Test("a user for whom the cloud model is not finite is left out and named; all others are as ever")
    func notFinite() async throws {
        let samples = ScriptedUsers.batch(ScriptedStage.gated)
        let arms = Arm.standard
        let (sane, _) = try await predictions(samples, arms: arms)
        var strange = samples
        let range = strange.userRanges[3]
        guard case .categorical(var items) = strange.features[0] else {
            Issue.record("the first feature is not categorical")
            return
        }
        items[range.upperBound - 1] = 13
        strange.features[0] = .categorical(items)
        let (batch, report) = try await predictions(strange, model: ScriptedStage.model(strange: 3e38), arms: arms)
        #expect(report.counts[.notFinite] == 1 && report.counts[.tuned] == ScriptedStage.gated.count - 1)
        #expect(report.named.map(\.user) == [samples.users[range.lowerBound]])
        let others = (0..<sane.count).filter { sane.users[$0] != samples.users[range.lowerBound] }
        #expect(batch.times == others.map { sane.times[$0] })
        #expect(batch.logits == sane.logits.map { column in others.map { column[$0] } })
        // Without a model in any arm the user is scored.
        let floor = try await predictions(strange, model: ScriptedStage.model(strange: 3e38), arms: [.itemMean])
        #expect(floor.0.count == sane.count && floor.1.counts[.notFinite] == 0)
    }

    @Test("names no more than so many users, the first")
    func mostNamed() async throws {
        let users = (0..<30).map { ScriptedUsers.User(key: $0, train: [1, 0, 1], test: [1]) }
        let (_, report) = try await predictions(ScriptedUsers.batch(users), arms: [.finetuned]) {
            $0.schedule.optimizer = .sgd(learningRate: 1e38)
            $0.schedule.epochs = 50
        }
        #expect(report.counts.faulty == 30)
        #expect(report.named.map(\.user) == (0..<Int64(FineTuningReport.mostNamed)).map(UserKey.integer))
    }

    @Test("refuses parts that do not follow each other")
    func disorder() async throws {
        var samples = ScriptedUsers.batch([.init(key: 1, train: [1, 0], validation: [1], test: [1])])
        samples.parts = [.train, .test, .validation, .test]
        let error = await #expect(throws: StageError.self) { try await predictions(samples, arms: [.cloud]) }
        #expect(error?.message == "user 1: validation samples stand after later parts")
        samples.parts = nil
        let unpartitioned = samples
        let stream = ThreadedSequence<SampleBatch> { output throws(StageError) in try output.send(unpartitioned) }
        await #expect(throws: StageError.self) { try await ScriptedStage().predictions(for: stream) }
    }
}
