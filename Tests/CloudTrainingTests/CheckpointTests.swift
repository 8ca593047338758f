import ByteStreams
import CTRModels
import Foundation
import LocalStages
import OrderedJSON
import Samples
import Synchronization
import Testing
import UserPartition

@testable import CloudTraining

@Suite("A training that is stopped")
struct CheckpointTests {
    typealias Folder = CloudTrainerTests.Folder

    static func settings(_ method: Optimizer.Method = .adam(learningRate: 0.01)) -> TrainingSettings {
        var settings = TrainingSettings()
        settings.embeddingDimension = 4
        settings.hiddenSizes = [8]
        settings.activation = .dice
        settings.dropout = 0.2
        settings.weightDecay = 1e-4
        settings.batchSize = 100
        settings.epochs = 4
        settings.patience = 10
        settings.optimizer = method
        return settings
    }

    final class Log: Sendable {
        let cancel = Mutex<(@Sendable () -> Void)?>(nil)
        /// Cancels, once it is known how.
        func cancels() -> Bool {
            guard let cancel = cancel.withLock({ $0 }) else { return false }
            cancel()
            return true
        }
        let events = Mutex<[CloudTrainer.Event]>([])
        /// Passes that were made, not taken over.
        var passes: [Int] {
            events.withLock { $0.compactMap { if case .trained(let pass, _, _) = $0 { pass } else { nil } } }
        }
        var resumed: Int? {
            events.withLock {
                $0.lazy.compactMap { if case .resumed(let epochs) = $0 { epochs.count } else { nil } }.first
            }
        }
        var reason: String? {
            events.withLock { $0.lazy.compactMap { if case .startedAnew(let why) = $0 { why } else { nil } }.first }
        }
    }

    /// Trains to the end, or until pass `stop` has ended; `chunkBytes` is small enough for several chunks.
    @discardableResult
    func train(
        _ settings: TrainingSettings, on store: PartitionStore, _ folder: Folder, seed: UInt64 = 1,
        stopAfter stop: Int? = nil, _ checkpointing: CloudTrainer.Checkpointing = .resume, as name: String = "model"
    ) async throws -> (Log, TrainedModel?) {
        let log = Log()
        var trainer = CloudTrainer(settings, seed: seed)
        trainer.chunkBytes = 2000
        let stopping = trainer
        let path = "\(folder.path)/\(name)"
        let progress = TrainingProgress()
        let task = Task {
            try await stopping.train(on: store, into: path, checkpointing: checkpointing, progress: progress) { event in
                log.events.withLock { $0.append(event) }
                guard case .trained(let pass, _, _) = event, pass == stop else { return }
                // Before the next step begins, for this is its thread.
                while !log.cancels() { usleep(100) }
            }
        }
        log.cancel.withLock { $0 = { task.cancel() } }
        do {
            let trained = try await task.value
            #expect(stop == nil || stop == settings.epochs)
            if stop == nil { try await trained.publish() }
            return (log, trained)
        } catch let error as StageError where error.code == .cancelled {
            #expect(stop != nil)
            return (log, nil)
        }
    }

    private static let methods: [Optimizer.Method] = [
        .sgd(learningRate: 0.1), .adam(learningRate: 0.01), .adagrad(learningRate: 0.05),
    ]

    @Test("goes on after any pass to the bytes of one that was not", arguments: methods)
    func resumes(method: Optimizer.Method) async throws {
        let folder = try Folder()
        let store = try await CloudTrainerTests.store(folder: folder)
        var settings = Self.settings(method)
        settings.schedule = LearningRateSchedule(.cosine, warmupSteps: 5)
        let (whole, _) = try await train(settings, on: store, folder)
        #expect(whole.passes == [1, 2, 3, 4])
        let expected = try folder.read("model")
        let figures = whole.events.withLock {
            $0.compactMap { if case .trained(_, let epoch, _) = $0 { epoch } else { nil } }
        }
        for stop in 1...settings.epochs {
            try await train(settings, on: store, folder, stopAfter: stop, as: "other")
            // The test's own task may hold the file that was to become the model a moment more.
            #expect(try folder.names().filter { $0 != ".other.partial" } == ["model", "other.checkpoint", "store"])
            let (log, trained) = try await train(settings, on: store, folder, as: "other")
            #expect(log.resumed == stop && log.passes == Array((1...settings.epochs).dropFirst(stop)))
            #expect(trained?.epochs == figures)
            #expect(try folder.read("other") == expected)
            // The checkpoint is gone.
            #expect(try folder.names() == ["model", "other", "store"])
            try FileManager.default.removeItem(atPath: folder.path + "/other")
        }
        // Stopped after each pass in turn.
        for stop in 1..<settings.epochs {
            let (log, _) = try await train(settings, on: store, folder, stopAfter: stop, as: "other")
            #expect(log.passes == [stop])
        }
        try await train(settings, on: store, folder, as: "other")
        #expect(try folder.read("other") == expected)
        withExtendedLifetime(folder) {}
    }

    @Test("gives the same bytes for any number of threads, any memory, and without a checkpoint")
    func sameBytes() async throws {
        let folder = try Folder()
        let store = try await CloudTrainerTests.store(folder: folder)
        var settings = Self.settings()
        settings.batchSize = 300
        try await train(settings, on: store, folder)
        let expected = try folder.read("model")
        for (threads, memory) in [(2, 1 << 20), (3, 0), (1, 0), (2, 3000)] {
            settings.threads = threads
            settings.memoryBytes = memory
            let (_, trained) = try await train(settings, on: store, folder)
            #expect((trained?.bytesSpilled ?? 0 > 0) == (memory < 10_000))
            #expect(try folder.read("model") == expected)
        }
        let (log, _) = try await train(settings, on: store, folder, stopAfter: 2, .none, as: "other")
        #expect(log.passes == [1, 2])
        #expect(try folder.names() == ["model", "store"])
        try await train(settings, on: store, folder, .none, as: "other")
        #expect(try folder.read("other") == expected)
        #expect(try folder.names() == ["model", "other", "store"])
        withExtendedLifetime(folder) {}
    }

    @Test("starts anew, says why, and comes to the right bytes where anything is different")
    func useless() async throws {
        let folder = try Folder()
        let store = try await CloudTrainerTests.store(folder: folder)
        let other = try await CloudTrainerTests.store(folder: folder, as: "second", seed: 10)
        let settings = Self.settings()
        func check(
            _ changed: TrainingSettings, _ reason: String, seed: UInt64 = 1, on changedStore: PartitionStore? = nil
        )
            async throws
        {
            try await train(settings, on: store, folder, stopAfter: 2, as: "other")
            let (log, _) = try await train(changed, on: changedStore ?? store, folder, seed: seed, as: "other")
            #expect(log.reason?.contains(reason) == true, "\(log.reason ?? "none")")
            #expect(log.resumed == nil && log.passes.first == 1)
            try await train(changed, on: changedStore ?? store, folder, seed: seed, as: "fresh")
            #expect(try folder.read("other") == folder.read("fresh"))
            #expect(!(try folder.names().contains("other.checkpoint")))
        }
        try await check(settings, "seed was 1 and is 2", seed: 2)
        try await check(settings, "another store", on: other)
        var changed = settings
        changed.weightDecay = 0
        try await check(changed, "weight_decay was 0.0001 and is 0.0")
        changed = settings
        changed.optimizer = .adam(learningRate: 0.02)
        try await check(changed, "optimizer was adam 0.01")
        changed = settings
        changed.hiddenSizes = [9]
        try await check(changed, "its model is another")
        changed = settings
        changed.epochs = 1
        try await check(changed, "it has 2 passes, and epochs is 1")
        withExtendedLifetime(folder) {}
    }

    @Test("goes on where only `epochs` was raised, unless the learning rate is spread over them")
    func moreEpochs() async throws {
        let folder = try Folder()
        let store = try await CloudTrainerTests.store(folder: folder)
        for decay in LearningRateSchedule.Decay.allCases {
            var settings = Self.settings()
            settings.schedule = LearningRateSchedule(decay)
            try await train(settings, on: store, folder, stopAfter: 3, as: "other")
            settings.epochs = 6
            let (log, _) = try await train(settings, on: store, folder, as: "other")
            #expect(log.resumed == (decay == .constant ? 3 : nil))
            #expect(decay == .constant || log.reason == "epochs was 4 and is 6")
            try await train(settings, on: store, folder, as: "fresh")
            #expect(try folder.read("other") == folder.read("fresh"))
        }
        withExtendedLifetime(folder) {}
    }

    @Test("takes a damaged checkpoint for none, and says so")
    func damaged() async throws {
        let folder = try Folder()
        let store = try await CloudTrainerTests.store(folder: folder)
        let settings = Self.settings()
        try await train(settings, on: store, folder)
        let expected = try folder.read("model")
        try await train(settings, on: store, folder, stopAfter: 3, as: "other")
        let checkpoint = folder.path + "/other.checkpoint"
        let saved = folder.path + "/saved"
        try FileManager.default.copyItem(atPath: checkpoint, toPath: saved)
        let names = try FileManager.default.contentsOfDirectory(atPath: saved).sorted()
        #expect(names.count >= 3)
        for name in names {
            for damage in 0..<4 {
                if FileManager.default.fileExists(atPath: checkpoint) {
                    try FileManager.default.removeItem(atPath: checkpoint)
                }
                try FileManager.default.copyItem(atPath: saved, toPath: checkpoint)
                let url = URL(filePath: "\(checkpoint)/\(name)")
                var bytes = try Data(contentsOf: url)
                switch damage {
                case 0: bytes.removeLast(bytes.count / 2)
                case 1: bytes.removeAll()
                // In the data of a safetensors file: a number that is still finite.
                case 2: bytes[bytes.count - 20] ^= 1
                default: try FileManager.default.removeItem(at: url)
                }
                if damage < 3 { try bytes.write(to: url) }
                let (log, _) = try await train(settings, on: store, folder, as: "other")
                let isMissingRecord = damage == 3 && name == "checkpoint.json"
                #expect(log.resumed == nil && log.passes.first == 1, "\(name), \(damage)")
                #expect((log.reason?.contains("damaged") ?? isMissingRecord), "\(name), \(damage): \(log.reason ?? "")")
                #expect(try folder.read("other") == expected)
            }
        }
        withExtendedLifetime(folder) {}
    }

    @Test("is begun anew on demand, and what a killed one left half-made goes")
    func restart() async throws {
        let folder = try Folder()
        let store = try await CloudTrainerTests.store(folder: folder)
        let settings = Self.settings()
        try await train(settings, on: store, folder)
        try await train(settings, on: store, folder, stopAfter: 2, as: "other")
        let (log, _) = try await train(settings, on: store, folder, .restart, as: "other")
        #expect(log.resumed == nil && log.reason == nil && log.passes.first == 1)
        try await train(settings, on: store, folder, stopAfter: 2, as: "other")
        for name in [".epoch-3.safetensors.partial", "epoch-3.safetensors", "epoch-1.optimizer.safetensors"] {
            try Data("half".utf8).write(to: URL(filePath: "\(folder.path)/other.checkpoint/\(name)"))
        }
        let (resumed, _) = try await train(settings, on: store, folder, as: "other")
        #expect(resumed.resumed == 2)
        #expect(try folder.read("other") == folder.read("model"))
        #expect(try folder.names() == ["model", "other", "store"])
        withExtendedLifetime(folder) {}
    }

    @Test("holds weights and the optimiser's state by name, and the best pass's weights")
    func contents() async throws {
        let folder = try Folder()
        let store = try await CloudTrainerTests.store(folder: folder)
        try await train(Self.settings(), on: store, folder, stopAfter: 2)
        let path = folder.path + "/model.checkpoint"
        let model = try await ModelFile(path: path + "/epoch-2.safetensors")
        #expect(model.metadata["plumb.epoch"] == "2" && model.metadata["plumb.seed"] == "1")
        let state = try SafetensorsFile(
            [UInt8](Data(contentsOf: URL(filePath: path + "/epoch-2.optimizer.safetensors"))))
        let learned = model.model.parameters.layout.tensors.filter(\.isLearned)
        #expect(
            Set(state.tensors.map(\.name))
                == Set(learned.flatMap { ["\($0.name).exp_avg", "\($0.name).exp_avg_sq"] }))
        #expect(state.metadata["plumb.steps"] == "\(2 * ((630 + 99) / 100))")
        withExtendedLifetime(folder) {}
    }

    @Test("by a loss that is no number keeps the last good checkpoint and publishes nothing")
    func divergence() async throws {
        let folder = try Folder()
        let store = try await CloudTrainerTests.store(folder: folder)
        var settings = Self.settings(.sgd(learningRate: 0.1))
        settings.activation = .relu
        settings.dropout = 0
        // Each step takes a weight w to -2 w and a little: it comes to no finite number, but not in the first pass.
        settings.weightDecay = 30
        settings.epochs = 100
        settings.patience = 100
        let log = Log()
        let error = await #expect(throws: StageError.self) {
            try await CloudTrainer(settings, seed: 1).train(on: store, into: folder.path + "/model") { event in
                log.events.withLock { $0.append(event) }
            }
        }
        let last = try #require(log.passes.last)
        #expect(error?.code == .data)
        #expect(error?.message.contains("pass \(last + 1)") == true, "\(error?.message ?? "")")
        #expect(try folder.names() == ["model.checkpoint", "store"])
        let kept = try await ModelFile(path: folder.path + "/model.checkpoint/epoch-\(last).safetensors")
        #expect(kept.metadata["plumb.epoch"] == "\(last)")
        withExtendedLifetime(folder) {}
    }

    @Test("keeps the best pass by the figure that was asked for", arguments: TrainingSettings.Criterion.allCases)
    func criterion(criterion: TrainingSettings.Criterion) async throws {
        let folder = try Folder()
        let store = try await CloudTrainerTests.store(folder: folder)
        var settings = Self.settings()
        settings.earlyStopping = criterion
        settings.epochs = 8
        let trained = try #require(try await train(settings, on: store, folder).1)
        let merits = try trained.epochs.map { epoch in
            switch criterion {
            case .gauc: try #require(epoch.validationGAUC)
            case .auc: try #require(epoch.validationAUC)
            case .loss: -(try #require(epoch.validationLoss))
            }
        }
        #expect(merits.firstIndex(of: merits.max() ?? 0) == trained.best)
        #expect(try await ModelFile(path: folder.path + "/model").metadata["plumb.epoch"] == "\(trained.best + 1)")
        withExtendedLifetime(folder) {}
    }
}
