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

    /// Thirty users with thirty samples each. Items 1...10 are liked by all, 11...20 by none, but one time in ten; item
    /// 21 stands in test parts alone. `testLabel` is every test sample's label.
    private func store(testLabel: Float = 1, folder: Folder) async throws -> PartitionStore {
        try await Self.store(testLabel: testLabel, folder: folder)
    }

    static func store(
        testLabel: Float = 1, folder: Folder, as name: String = "store", seed: UInt64 = 9
    ) async throws -> PartitionStore {
        var batch = SampleBatch(Self.schema)
        var items: [UInt32] = []
        var noise: [UInt32] = []
        var random = SplitMix64(seed: seed)
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
        _ = try await stream.partition(into: folder.path + "/" + name)
        return try PartitionStore(opening: folder.path + "/" + name)
    }

    @Test("is not begun for a terminal")
    func terminal() async throws {
        let folder = try Folder()
        let store = try await store(folder: folder)
        // The end of a new pseudoterminal that its program holds.
        let error = await #expect(throws: StageError.self) {
            try await CloudTrainer(TrainingSettings(), seed: 1).train(on: store, into: "/dev/ptmx")
        }
        #expect(error?.code == .usage && error?.message == "a model is not for a terminal")
        withExtendedLifetime(folder) {}
    }

    /// Trains into the folder and reads what was published there.
    @discardableResult
    private func train(
        _ settings: TrainingSettings, on store: PartitionStore, folder: Folder, seed: UInt64 = 1
    ) async throws -> (trained: TrainedModel, model: CTRModel) {
        let path = folder.path + "/model"
        let trained = try await CloudTrainer(settings, seed: seed).train(on: store, into: path)
        try await trained.publish()
        return (trained, try await ModelFile(path: path).model)
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

    @Test("learns what is there to learn", arguments: [Architecture.Kind.lr, .fm, .wideDeep, .deepfm, .pnn, .dcnV2])
    func learns(kind: Architecture.Kind) async throws {
        let folder = try Folder()
        let store = try await store(folder: folder)
        var settings = settings
        settings.model = kind
        let (trained, model) = try await train(settings, on: store, folder: folder)
        #expect(trained.epochs[trained.best].validationGAUC ?? 0 > 0.8)
        #expect(trained.epochs[trained.epochs.count - 1].loss < trained.epochs[0].loss)
        #expect(model.architecture.kind == kind)
        let best = trained.epochs.compactMap(\.validationGAUC).max()
        #expect(trained.epochs[trained.best].validationGAUC == best)
        withExtendedLifetime(folder) {}
    }

    @Test("gives the same bytes for the same seed, others for another")
    func seeds() async throws {
        let folder = try Folder()
        let store = try await store(folder: folder)
        func parameters(_ seed: UInt64) async throws -> Parameters {
            try await train(settings, on: store, folder: folder, seed: seed).model.parameters
        }
        let one = try await parameters(1)
        let bytes = try folder.read("model")
        #expect(try await parameters(1) == one)
        #expect(try folder.read("model") == bytes)
        #expect(try await parameters(2) != one)
        withExtendedLifetime(folder) {}
    }

    @Test("a batch size above the number of samples is one batch of all, at no more memory")
    func hugeBatch() async throws {
        let folder = try Folder()
        let store = try await store(folder: folder)
        var settings = settings
        settings.batchSize = store.manifest.samples.train
        let (whole, wholeModel) = try await train(settings, on: store, folder: folder)
        // Scratch memory for so many rows is more than any machine has.
        settings.batchSize = 1 << 50
        let (huge, hugeModel) = try await train(settings, on: store, folder: folder)
        #expect(hugeModel.parameters == wholeModel.parameters)
        #expect(huge.epochs == whole.epochs)
        withExtendedLifetime(folder) {}
    }

    @Test("never looks at the test part")
    func noLeak() async throws {
        let a = try Folder()
        let b = try Folder()
        let (clicked, model) = try await train(settings, on: store(testLabel: 1, folder: a), folder: a)
        let (ignored, other) = try await train(settings, on: store(testLabel: 0, folder: b), folder: b)
        #expect(model.parameters == other.parameters)
        #expect(clicked.epochs == ignored.epochs)
        withExtendedLifetime((a, b)) {}
    }

    @Test("ids without a train sample score as id 0, unseen, does")
    func unseenIDs() async throws {
        let folder = try Folder()
        let store = try await store(folder: folder)
        let model = try await train(settings, on: store, folder: folder).model
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
        let (trained, _) = try await train(settings, on: store, folder: folder)
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
        #expect(try settings.architecture(for: store.manifest).fields.map(\.name) == ["noise"])
        settings.features = ["colour"]
        let error = await #expect(throws: StageError.self) {
            try await train(settings, on: store, folder: folder)
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
            try await train(settings, on: store, folder: folder)
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
            try await train(settings, on: store, folder: folder)
        }
        #expect(error?.message == "a weight is not finite after pass 1, step 1")
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
                _ = try await CloudTrainer(settings, seed: 1).train(on: store, into: folder.path + "/model")
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

        func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }

        func read(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: "\(path)/\(name)")) }

        deinit {
            try? FileManager.default.removeItem(atPath: path)
        }
    }
}
