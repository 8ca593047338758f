import ByteStreams
import CTRModels
import Foundation
import LabelCorrection
import Samples
import UserPartition

@testable import LocalStages

/// A store of scripted users, a model that was never trained, and the stage `finetune` over them.
struct ScriptedStage {
    static let architecture = Architecture(
        kind: .deepfm,
        fields: [.init(name: "item", kind: .categorical, rows: 14), .init(name: "tags", kind: .multivalued, rows: 10)],
        embeddingDimension: 4, hiddenSizes: [6])

    /// Users with enough samples for all parts of the store.
    static let ordinary = (20..<30).map { key -> ScriptedUsers.User in
        let labels = (0..<20 + key).map { row -> Float in (row * 7 + key) % 3 == 0 ? 1 : 0 }
        return ScriptedUsers.User(key: Int64(key), train: labels)
    }

    /// Users with enough validation samples for the gate, more than a batch of the stream below holds.
    static let gated = (40..<52).map { key -> ScriptedUsers.User in
        func labels(_ count: Int, _ step: Int) -> [Float] {
            (0..<count).map { ($0 * step + key * key) % 5 < 1 + key % 3 ? 1 : 0 }
        }
        return ScriptedUsers.User(
            key: Int64(key), train: labels(20 + key % 7, 3), validation: labels(12 + key % 4, 7), test: labels(6, 11))
    }

    /// Goes with the value.
    let folder: Folder
    let store: PartitionStore
    let ctr: CTRReport

    /// A store of the corners and the ordinary users, split by shares.
    init(grouped: Bool = false) async throws {
        folder = try Folder()
        var raw = ScriptedUsers.batch(ScriptedUsers.corners + Self.ordinary)
        raw.parts = nil
        let samples = grouped ? raw.grouped : raw
        let stream = ThreadedSequence<SampleBatch> { output throws(StageError) in try output.send(samples) }
        _ = try await stream.partition(into: folder.path + "/store")
        store = try PartitionStore(opening: folder.path + "/store")
        ctr = try await store.localDatasets().measureCTR()
    }

    /// The model; item 13, which no user has unless a test says so, is `strange` throughout.
    static func model(strange: Float = 0) -> CTRModel {
        var model = CTRModel(architecture: architecture, seed: 3)
        let width = model.parameters.tables[0].width
        for place in 13 * width..<14 * width { model.parameters.tables[0].values[place] = strange }
        return model
    }

    func stage(
        _ settings: FineTuningSettings = FineTuningSettings(), model: CTRModel = Self.model()
    ) throws -> FineTuningStage {
        try FineTuningStage(
            settings, store: store, model: try ModelFile(bytes: model.safetensors(), name: "model"), ctr: ctr, seed: 1)
    }

    /// A store of all users in several buckets, the gated ones among them, with the parts that they were written with.
    init(buckets: Int, heldOut: HeldOutUsers? = nil) async throws {
        folder = try Folder()
        var raw = ScriptedUsers.batch(ScriptedUsers.corners + Self.ordinary + Self.gated)
        raw.parts = nil
        let samples = raw
        let stream = ThreadedSequence<SampleBatch> { output throws(StageError) in try output.send(samples) }
        var settings = PartitionSettings()
        settings.split = .fractions(train: 0.5, validation: 0.3, test: 0.2)
        settings.buckets = buckets
        settings.heldOut = heldOut
        _ = try await stream.partition(into: folder.path + "/store", settings: settings)
        store = try PartitionStore(opening: folder.path + "/store")
        ctr = try await store.withoutHeldOutUsers().localDatasets().measureCTR()
    }

    /// What comes of the store's users.
    func predictions(
        _ settings: FineTuningSettings = FineTuningSettings(), threads: Int = 1
    ) async throws -> (PredictionBatch, FineTuningReport) {
        try await predictions(for: store.localDatasets(), settings, threads: threads)
    }

    /// What comes of other users; `table` is the path of the users' table.
    func predictions(
        for samples: some AsyncSequence<SampleBatch, StageError> & Sendable,
        _ settings: FineTuningSettings = FineTuningSettings(), model: CTRModel = Self.model(), threads: Int = 1,
        table: String? = nil, timings: FineTuningTimings? = nil
    ) async throws -> (PredictionBatch, FineTuningReport) {
        let stage = try stage(settings, model: model)
        let report = FineTuningReport()
        var sink: ByteSink?
        if let table { sink = try await ByteSink(path: table) }
        var result = PredictionBatch(stage.schema)
        let stream = stage.predictions(
            for: samples, threads: threads, report: report, usersTable: sink, timings: timings)
        for try await batch in stream { result.append(batch) }
        try await sink?.publish()
        return (result, report)
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

extension PredictionBatch {
    /// One arm's logits.
    func logits(_ arm: Arm) -> [Double] {
        logits[schema.arms.firstIndex(of: arm.rawValue) ?? .max]
    }
}
