import ByteStreams
import CTRModels
import FineTuning
import Foundation
import LabelCorrection
import Samples
import Synchronization
import Testing
import UserPartition

@testable import LocalStages

@Suite("The stage finetune")
struct FineTuningSequenceTests {
    private func predictions(
        _ settings: FineTuningSettings = FineTuningSettings(), threads: Int = 1, grouped: Bool = false
    ) async throws -> (PredictionBatch, FineTuningReport.Counts, GlobalCTR) {
        let scripted = try await ScriptedStage(grouped: grouped)
        let (batch, report) = try await scripted.predictions(settings, threads: threads)
        return (batch, report.counts, scripted.ctr.globalCTR)
    }

    @Test("gives the same predictions for any number of threads", arguments: [2, 3, 16])
    func threads(count: Int) async throws {
        let one = try await predictions(threads: 1).0
        let many = try await predictions(threads: count).0
        #expect(one == many)
        #expect(one.count > 0)
    }

    @Test("gives every prediction the impression list of its sample, and changes nothing else", arguments: [1, 3])
    func groups(threads: Int) async throws {
        let plain = try await predictions(threads: threads).0
        let grouped = try await predictions(threads: threads, grouped: true).0
        #expect(plain.groups == nil)
        #expect(grouped.groups == grouped.times.map { 70 - 3 * $0 })
        #expect(grouped.logits == plain.logits && grouped.users == plain.users && grouped.times == plain.times)
    }

    @Test("scores validation and test samples of every user, in time order, and none of train")
    func rows() async throws {
        let (batch, counts, _) = try await predictions()
        #expect(counts.users == ScriptedUsers.corners.count + ScriptedStage.ordinary.count)
        #expect(counts.users == counts.outcomes.values.reduce(0, +))
        #expect(counts.users == counts.gateReasons.values.reduce(0, +))
        #expect(!batch.parts.contains(.train))
        for range in batch.userRanges {
            #expect(zip(range, range.dropFirst()).allSatisfy { batch.times[$0] <= batch.times[$1] })
        }
    }

    @Test("leaves single-class users with the cloud model unless told otherwise")
    func singleClass() async throws {
        var settings = FineTuningSettings()
        settings.arms = [.cloud, .finetuned, .corrected]
        let (skipped, skippedCounts, _) = try await predictions(settings)
        settings.singleClass = .tune
        let (tuned, tunedCounts, _) = try await predictions(settings)
        #expect(skippedCounts[.singleClass] > 0)
        #expect(tunedCounts[.singleClass] == 0)
        let cloud = try #require(settings.arms.firstIndex(of: .cloud))
        let corrected = try #require(settings.arms.firstIndex(of: .corrected))
        let finetuned = try #require(settings.arms.firstIndex(of: .finetuned))
        var singleClassRows = 0
        for row in 0..<skipped.count
        where skipped.trainPositives[row] == 0 || skipped.trainPositives[row] == skipped.trainSamples[row] {
            singleClassRows += 1
            #expect(!skipped.kept[row])
            #expect(skipped.logits[corrected][row] == skipped.logits[cloud][row])
            #expect(skipped.logits[finetuned][row] == skipped.logits[cloud][row])
            #expect(tuned.kept[row])
            #expect(tuned.logits[finetuned][row] != tuned.logits[cloud][row])
        }
        #expect(singleClassRows > 0)
    }

    @Test("restores priors by one number a user, which is 0 for a user whose local CTR is the global one")
    func restoration() async throws {
        let settings = FineTuningSettings()
        let (batch, _, p) = try await predictions(settings)
        let arm = { (arm: Arm) in settings.arms.firstIndex(of: arm) ?? 0 }
        for rows in batch.userRanges {
            let counts = ClickCounts(
                samples: Int(batch.trainSamples[rows.lowerBound]), positives: Int(batch.trainPositives[rows.lowerBound])
            )
            let q = (Double(counts.positives) + 10 * p.value) / Double(counts.samples + 10)
            let expected = log(q / (1 - q)) - log(p.value / (1 - p.value))
            for row in rows {
                #expect(abs(batch.logits[arm(.cloudPrior)][row] - batch.logits[arm(.cloud)][row] - expected) < 1e-12)
                #expect(
                    abs(batch.logits[arm(.correctedPrior)][row] - batch.logits[arm(.corrected)][row] - expected) < 1e-12
                )
            }
        }
    }

    @Test("item_mean is the smoothed train CTR of the item over all users")
    func itemMean() async throws {
        let (batch, _, p) = try await predictions()
        let scripted = try await ScriptedStage()
        let store = scripted.store
        var samples: [UInt32: Double] = [:]
        var positives: [UInt32: Double] = [:]
        for try await local in store.localDatasets() {
            let items = try #require(local.items)
            for row in 0..<local.count where local.parts?[row] == .train {
                samples[items[row], default: 0] += 1
                positives[items[row], default: 0] += Double(local.labels[row])
            }
        }
        withExtendedLifetime(scripted) {}
        let arm = try #require(FineTuningSettings().arms.firstIndex(of: .itemMean))
        for row in 0..<batch.count {
            let item = batch.items[row]
            let mean = (positives[item, default: 0] + 10 * p.value) / (samples[item, default: 0] + 10)
            #expect(abs(batch.logits[arm][row] - log(mean / (1 - mean))) < 1e-12)
        }
    }

    @Test("a user whose tuning diverges falls back to the cloud model and is counted")
    func divergence() async throws {
        var settings = FineTuningSettings()
        settings.schedule.optimizer = .sgd(learningRate: 1e30)
        settings.schedule.epochs = 5
        let (batch, counts, _) = try await predictions(settings)
        #expect(counts[.diverged] > 0)
        #expect(counts[.tuned] == 0)
        #expect(batch.logits.allSatisfy { $0.allSatisfy(\.isFinite) })
        #expect(!batch.kept.contains(true))
    }

    @Test("tuned arms differ from each other and from the cloud model")
    func armsDiffer() async throws {
        var settings = FineTuningSettings()
        settings.arms = [.cloud, .finetuned, .corrected]
        let (batch, _, _) = try await predictions(settings)
        let columns = [Arm.cloud, .finetuned, .corrected].compactMap { settings.arms.firstIndex(of: $0) }
        let tunedRows = (0..<batch.count).filter { batch.kept[$0] }
        #expect(!tunedRows.isEmpty)
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            #expect(tunedRows.contains { batch.logits[columns[a]][$0] != batch.logits[columns[b]][$0] })
        }
    }

    @Test("fingerprints every setting that decides a prediction, and not the seed")
    func settingsFingerprint() async throws {
        let changes: [@Sendable (inout FineTuningSettings) -> Void] = [
            { $0.arms.removeLast() }, { $0.arms.swapAt(0, 1) }, { $0.schedule.epochs += 1 },
            { $0.schedule.batchSize += 1 }, { $0.schedule.optimizer = .sgd(learningRate: 0.2) },
            { $0.schedule.optimizer = .adam(learningRate: 0.1) },
            { $0.schedule.optimizer = .adam(learningRate: 0.1, beta1: 0.5) },
            { $0.schedule.optimizer = .adagrad(learningRate: 0.1) }, { $0.singleClass = .tune },
            { $0.restoration.strength = 11 }, { $0.restoration.rule = .match }, { $0.itemMeanStrength = 11 },
            { $0.correction.method = .additive }, { $0.correction.method = .logitAdjust },
            { $0.correction.priorStrength = 1 }, { $0.correction.smoothing = 0.2 }, { $0.schedule.tuned = .dense },
            { $0.schedule.tuned = .bias }, { $0.schedule.pull = 0.5 }, { $0.mostSamples = 50 },
            { $0.fewestSamples += 1 }, { $0.gateDefault = .tuned },
        ]
        var seen = [FineTuningSettings().fingerprint]
        for change in changes {
            var settings = FineTuningSettings()
            change(&settings)
            seen.append(settings.fingerprint)
        }
        #expect(Set(seen).count == seen.count)
        #expect(seen.allSatisfy { $0.count == 64 })
        #expect(try await predictions().0.schema.fingerprints["settings"] == seen[0])
    }

    @Test("tunes nobody where no arm needs it")
    func nothingToTune() async throws {
        var settings = FineTuningSettings()
        settings.arms = [.cloud, .itemMean, .cloudPrior]
        // Would diverge, were it tried.
        settings.schedule.optimizer = .sgd(learningRate: 1e30)
        let (batch, counts, _) = try await predictions(settings)
        #expect(counts[.tuned] == 0 && counts[.diverged] == 0 && counts[.singleClass] == 0)
        #expect(counts[.untuned] + counts[.withoutEvaluation] == counts.users)
        #expect(!batch.kept.contains(true))
        settings.arms = [.corrected, .cloud]
        #expect(try await predictions(settings).1[.untuned] == 0)
    }

    @Test("stops when its task is cancelled")
    func cancellation() async throws {
        let stage = try await ScriptedStage().stage()
        let task = Task { () -> StageError? in
            do throws(StageError) {
                for try await _ in stage.predictions(for: RepeatedUsers(batches: 5000), threads: 2) {}
                return nil
            } catch {
                return error
            }
        }
        try await Task.sleep(for: .milliseconds(20))
        task.cancel()
        #expect(await task.value?.code == .cancelled)
    }

    @Test("asks for little more than its consumer does")
    func earlyEnd() async throws {
        let stage = try await ScriptedStage().stage()
        let users = RepeatedUsers(batches: 100)
        let report = FineTuningReport()
        var batches = 0
        for try await _ in stage.predictions(for: users, threads: 2, report: report) {
            batches += 1
            if batches == 3 { break }
        }
        // Before each batch that it gives it fills its bound.
        #expect(users.given.withLock { $0 } == 2 + FineTuningSequence<RepeatedUsers>.bound(threads: 2))
        #expect(report.counts.users == 3 * ScriptedUsers.corners.count)
    }

    @Test("refuses a model that reads a feature which the store does not have")
    func strangeModel() async throws {
        let scripted = try await ScriptedStage()
        defer { withExtendedLifetime(scripted) {} }
        let (store, ctr) = (scripted.store, scripted.ctr)
        var architecture = ScriptedStage.architecture
        architecture.fields[0].name = "brand"
        let model = CTRModel(architecture: architecture, seed: 1).safetensors()
        let error = #expect(throws: StageError.self) {
            try FineTuningStage(
                FineTuningSettings(), store: store, model: try ModelFile(bytes: model, name: "m"), ctr: ctr, seed: 1)
        }
        #expect(error?.message.contains("`brand`") == true)
        #expect(throws: StageError.self) {
            try FineTuningStage(
                FineTuningSettings(), store: store, model: try ModelFile(bytes: [1, 2, 3], name: "m"), ctr: ctr, seed: 1
            )
        }
    }

    @Test("refuses a global CTR measured on another store, and a model trained on another")
    func strangers() async throws {
        let scripted = try await ScriptedStage()
        defer { withExtendedLifetime(scripted) {} }
        let (store, ctr) = (scripted.store, scripted.ctr)
        func made(_ ctr: CTRReport, trainedOn: String?) throws -> FineTuningStage {
            let metadata = trainedOn.map { ["plumb.store": $0] } ?? [:]
            let model = CTRModel(architecture: ScriptedStage.architecture, seed: 3).safetensors(metadata: metadata)
            return try FineTuningStage(
                FineTuningSettings(), store: store, model: try ModelFile(bytes: model, name: "m"), ctr: ctr, seed: 1)
        }
        _ = try made(ctr, trainedOn: nil)
        _ = try made(ctr, trainedOn: store.manifest.fingerprint)
        let model = #expect(throws: StageError.self) { try made(ctr, trainedOn: "0123") }
        #expect(model?.message.contains("trained on another store") == true)
        let other = try CTRReport(users: [ClickCounts(samples: 4, positives: 1)])
        let measured = #expect(throws: StageError.self) { try made(other, trainedOn: nil) }
        #expect(measured?.message.contains("measured on another store") == true)
    }
}
