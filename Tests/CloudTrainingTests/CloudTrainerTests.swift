import ByteStreams
import CTRModels
import Foundation
import LocalStages
import Samples
import Testing
import UserPartition

@testable import CloudTraining

@Suite("Training the cloud model")
struct CloudTrainerTests {
    static let schema = SampleSchema(
        userKind: .integer,
        features: [
            .init(name: "item", kind: .categorical, encoding: .dictionary),
            .init(name: "noise", kind: .categorical, encoding: .dictionary),
        ], item: 0)

    /// Thirty users with thirty samples each. Items 1...10 are liked by all, 11...20 by none, but one time in ten; item 21
    /// stands in test parts alone. `testLabel` is every test sample's label.
    private func store(testLabel: Float = 1, folder: Folder) async throws -> PartitionStore {
        var batch = SampleBatch(Self.schema)
        var items: [UInt32] = []
        var noise: [UInt32] = []
        var random = SplitMix64(seed: 9)
        for user in 0..<30 {
            for row in 0..<30 {
                let isTest = row >= 24
                let item = isTest ? 21 : UInt32(random.next() % 20) + 1
                let follows = random.next() % 10 > 0
                batch.users.append(.integer(Int64(user)))
                batch.times.append(Int64(row))
                batch.labels.append(isTest ? testLabel : (item <= 10) == follows ? 1 : 0)
                items.append(item)
                noise.append(UInt32(random.next() % 5) + 1)
            }
        }
        batch.features = [.categorical(items), .categorical(noise)]
        let samples = batch
        let stream = ThreadedSequence<SampleBatch> { output throws(StageError) in try output.send(samples) }
        _ = try await stream.partition(into: folder.path + "/store")
        return try PartitionStore(opening: folder.path + "/store")
    }

    private var settings: TrainingSettings {
        var settings = TrainingSettings()
        settings.embeddingDimension = 4
        settings.hiddenSizes = [8]
        settings.batchSize = 32
        settings.epochs = 12
        settings.optimizer = .adam(learningRate: 0.01)
        return settings
    }

    @Test("reads train and validation parts user by user, a user over several batches too")
    func samples() async throws {
        let folder = try Folder()
        var batch = SampleBatch(Self.schema)
        // User 1 has 12,000 samples, more than a batch of the store holds; the others one to four.
        let sizes = [3, 12_000, 1, 4, 2]
        for (user, size) in sizes.enumerated() {
            for row in 0..<size {
                batch.users.append(.integer(Int64(user)))
                batch.times.append(Int64(row))
                batch.labels.append(Float((row + user) % 2))
            }
        }
        batch.features = [
            .categorical(batch.times.map { UInt32($0 % 9) }), .categorical(batch.times.map { _ in 1 }),
        ]
        let log = batch
        let stream = ThreadedSequence<SampleBatch> { output throws(StageError) in try output.send(log) }
        _ = try await stream.partition(into: folder.path + "/store", settings: PartitionSettings(buckets: 1))
        let store = try PartitionStore(opening: folder.path + "/store")
        var (labels, runs): ([Part: [Float]], [Part: [Int]]) = ([:], [:])
        for try await batch in store.localDatasets() {
            let parts = try #require(batch.parts)
            for (row, part) in parts.enumerated() { labels[part, default: []].append(batch.labels[row]) }
        }
        let index = try store.users()
        for user in 0..<index.count {
            for (part, count) in [(Part.train, index.trainSamples[user]), (.validation, index.validationSamples[user])]
            where count > 0 { runs[part, default: []].append(Int(count)) }
        }

        let architecture = try CloudTrainer(settings, seed: 1).architecture(for: store.manifest)
        let features = try ModelFeatures(of: architecture, in: store.schema)
        let (train, validation) = try await TrainingSamples.read(store, features: features)
        for (read, part) in [(train, Part.train), (validation, .validation)] {
            #expect(read.labels == labels[part])
            #expect(read.users.map(\.count) == runs[part])
            #expect(read.users.first?.lowerBound == 0 && read.users.last?.upperBound == read.count)
            #expect(zip(read.users, read.users.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
            #expect(read.input.count == read.count)
        }

        _ = try await TrainingSamples.read(store, features: features, limit: train.count)
        let error = await #expect(throws: StageError.self) {
            try await TrainingSamples.read(store, features: features, limit: train.count - 1)
        }
        #expect(error?.code == .data)
        #expect(error?.message.hasPrefix("the samples to train on do not fit") == true)
        withExtendedLifetime(folder) {}
    }

    @Test("learns what is there to learn", arguments: [Architecture.Kind.lr, .deepfm])
    func learns(kind: Architecture.Kind) async throws {
        let folder = try Folder()
        let store = try await store(folder: folder)
        var settings = settings
        settings.model = kind
        let trained = try await CloudTrainer(settings, seed: 1).train(on: store)
        #expect(trained.epochs[trained.best].validationGAUC ?? 0 > 0.8)
        #expect(trained.epochs[trained.epochs.count - 1].loss < trained.epochs[0].loss)
        #expect(trained.model.architecture.kind == kind)
        let best = trained.epochs.compactMap(\.validationGAUC).max()
        #expect(trained.epochs[trained.best].validationGAUC == best)
        withExtendedLifetime(folder) {}
    }

    @Test("gives the same bytes for the same seed, others for another")
    func seeds() async throws {
        let folder = try Folder()
        let store = try await store(folder: folder)
        func bytes(_ seed: UInt64) async throws -> [UInt8] {
            try await CloudTrainer(settings, seed: seed).train(on: store)
                .safetensors(store: store.manifest, seed: seed)
        }
        let one = try await bytes(1)
        #expect(try await bytes(1) == one)
        #expect(try await bytes(2) != one)
        withExtendedLifetime(folder) {}
    }

    @Test("a batch size above the number of samples is one batch of all, at no more memory")
    func hugeBatch() async throws {
        let folder = try Folder()
        let store = try await store(folder: folder)
        var settings = settings
        settings.batchSize = store.manifest.samples.train
        let whole = try await CloudTrainer(settings, seed: 1).train(on: store)
        // Scratch memory for so many rows is more than any machine has.
        settings.batchSize = 1 << 50
        let huge = try await CloudTrainer(settings, seed: 1).train(on: store)
        #expect(huge.model.parameters == whole.model.parameters)
        #expect(huge.epochs == whole.epochs)
        withExtendedLifetime(folder) {}
    }

    @Test("never looks at the test part")
    func noLeak() async throws {
        let a = try Folder()
        let b = try Folder()
        let clicked = try await CloudTrainer(settings, seed: 1).train(on: store(testLabel: 1, folder: a))
        let ignored = try await CloudTrainer(settings, seed: 1).train(on: store(testLabel: 0, folder: b))
        #expect(clicked.model.parameters == ignored.model.parameters)
        #expect(clicked.epochs == ignored.epochs)
        withExtendedLifetime((a, b)) {}
    }

    @Test("ids without a train sample score as id 0, unseen, does")
    func unseenIDs() async throws {
        let folder = try Folder()
        let store = try await store(folder: folder)
        let model = try await CloudTrainer(settings, seed: 1).train(on: store).model
        let input = ModelInput(count: 3, columns: [.categorical([21, 0, 5]), .categorical([2, 2, 2])])
        var logits: [Float] = [0, 0, 0]
        var workspace = model.makeWorkspace(rows: 3)
        model.logits(input, rows: 0..<3, workspace: &workspace, into: &logits)
        #expect(logits[0] == logits[1])
        #expect(logits[2] != logits[1])
        withExtendedLifetime(folder) {}
    }

    @Test("ends when validation has not got better for `patience` passes, and hears every pass")
    func patience() async throws {
        let folder = try Folder()
        let store = try await store(folder: folder)
        var settings = settings
        settings.epochs = 200
        settings.patience = 2
        let trained = try await CloudTrainer(settings, seed: 1).train(on: store)
        #expect(trained.epochs.count < 200)
        #expect(trained.best == trained.epochs.count - 3)
        withExtendedLifetime(folder) {}
    }

    @Test("sees only the features it is told to, and refuses unknown ones")
    func features() async throws {
        let folder = try Folder()
        let store = try await store(folder: folder)
        var settings = settings
        settings.features = ["noise"]
        let trainer = CloudTrainer(settings, seed: 1)
        #expect(try trainer.architecture(for: store.manifest).fields.map(\.name) == ["noise"])
        settings.features = ["colour"]
        let error = await #expect(throws: StageError.self) {
            try await CloudTrainer(settings, seed: 1).train(on: store)
        }
        #expect(error?.code == .usage)
        withExtendedLifetime(folder) {}
    }

    @Test("stops with the pass and step when the loss is not finite")
    func divergence() async throws {
        let folder = try Folder()
        let store = try await store(folder: folder)
        var settings = settings
        settings.optimizer = .sgd(learningRate: 1e30)
        let error = await #expect(throws: StageError.self) {
            try await CloudTrainer(settings, seed: 1).train(on: store)
        }
        #expect(error?.message.contains("pass 1, step") == true)
        withExtendedLifetime(folder) {}
    }

    @Test("gives no model whose weights are not finite, though the loss before the last step was")
    func divergenceInTheLastStep() async throws {
        let folder = try Folder()
        let store = try await store(folder: folder)
        var settings = settings
        settings.optimizer = .sgd(learningRate: 1e300)
        settings.epochs = 1
        settings.batchSize = 100_000
        let error = await #expect(throws: StageError.self) {
            try await CloudTrainer(settings, seed: 1).train(on: store)
        }
        #expect(error?.message == "a weight is not finite after pass 1")
        withExtendedLifetime(folder) {}
    }

    @Test("stops when its task is cancelled")
    func cancellation() async throws {
        let folder = try Folder()
        let store = try await store(folder: folder)
        var settings = settings
        settings.epochs = 100_000
        settings.patience = 100_000
        let task = Task { [settings] () -> StageError? in
            do throws(StageError) {
                _ = try await CloudTrainer(settings, seed: 1).train(on: store)
                return nil
            } catch {
                return error
            }
        }
        try await Task.sleep(for: .milliseconds(50))
        task.cancel()
        #expect(await task.value?.code == .cancelled)
        withExtendedLifetime(folder) {}
    }

    /// A folder that goes when the test ends.
    final class Folder: Sendable {
        let path = FileManager.default.temporaryDirectory.appending(path: "plumb-\(UUID().uuidString)").path

        init() throws {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }

        deinit {
            try? FileManager.default.removeItem(atPath: path)
        }
    }
}
