import CTRModels
import Testing

@testable import FineTuning

@Suite struct OverlayTests {
    /// With a history, a list, a number and Dice, so that every kind of tensor is there, buffers too.
    static func architecture(items: Int = 50) -> Architecture {
        Architecture(
            kind: .din,
            fields: [
                .init(name: "item", kind: .categorical, rows: items),
                .init(name: "genres", kind: .multivalued, rows: 9),
                .init(name: "age", kind: .dense, rows: 0), .init(name: "past", kind: .history, rows: 0, of: "item"),
            ], embeddingDimension: 4, hiddenSizes: [8, 4], activation: .dice, attentionSizes: [5])
    }

    static func cloud(items: Int = 50, seed: UInt64 = 5) -> CTRModel {
        CTRModel(architecture: architecture(items: items), seed: seed)
    }

    /// Twelve samples; items 40, 41 and genre 6 only among the last four, which are never learnt from.
    static let samples = ModelInput(
        count: 12,
        columns: [
            .categorical([3, 7, 3, 11, 7, 3, 20, 11, 40, 3, 0, 7]),
            .multivalued(
                offsets: [0, 1, 3, 3, 4, 5, 7, 8, 8, 10, 11, 12, 12], ids: [1, 2, 3, 4, 1, 2, 5, 8, 8, 1, 2, 6]),
            .dense([0.5, -1, 0, 2, 1, 1, -0.5, 0.25, 1, 2, 3, 4]),
            .multivalued(
                offsets: [0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], ids: [3, 7, 3, 11, 7, 3, 20, 11, 41, 3, 7]),
        ])
    static let labels: [Float] = [1, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1]
    /// What is scored in a later session: also items that no sample before named.
    static let later = ModelInput(
        count: 5,
        columns: [
            .categorical([7, 40, 30, 3, 99]), .multivalued(offsets: [0, 1, 2, 3, 3, 5], ids: [7, 8, 1, 2, 60]),
            .dense([1, 0.5, -2, 0, 1]), .multivalued(offsets: [0, 2, 2, 3, 4, 5], ids: [3, 33, 20, 41, 11]),
        ])

    /// A tuner that has learnt from the first eight samples.
    static func tuner(of cloud: CTRModel = cloud(), tuned: ParameterPart = .all) throws -> LocalTuner {
        var tuner = LocalTuner(cloud: cloud, schedule: LocalSchedule(epochs: 3, batchSize: 3, tuned: tuned))
        tuner.begin(samples)
        try tuner.tune(on: 0..<8, LocalTargets(labels: labels), seed: 1)
        return tuner
    }

    @Test(arguments: ParameterPart.allCases)
    func `read again, it gives the same logits, bit for bit`(tuned: ParameterPart) throws {
        let cloud = Self.cloud()
        var tuner = try Self.tuner(of: cloud, tuned: tuned)
        let overlay = Overlay(of: tuner)
        let expected = try tuner.logits(0..<12)
        let read = try Overlay(safetensors: overlay.safetensors(), cloud: cloud)
        #expect(read == overlay)
        #expect(read.safetensors() == overlay.safetensors())
        var reopened = LocalTuner(cloud: cloud, schedule: LocalSchedule())
        try reopened.begin(Self.samples, with: read)
        #expect(try reopened.logits(0..<12) == expected)
        reopened.restart()
        #expect(try reopened.logits(0..<12) != expected)
    }

    @Test func `samples that came later are scored as by the whole model with the overlay's weights in it`() throws {
        var whole = Self.cloud()
        let tuner = try Self.tuner()
        tuner.overlay.write(to: &whole)
        var expected = [Float](repeating: 0, count: 5)
        var workspace = whole.makeWorkspace(rows: 64)
        whole.logits(Self.later, rows: 0..<5, workspace: &workspace, into: &expected)
        var reopened = LocalTuner(cloud: Self.cloud(), schedule: LocalSchedule())
        reopened.begin(Self.later)
        #expect(try reopened.logits(0..<5) != expected)
        try reopened.begin(Self.later, with: Overlay(of: tuner))
        #expect(try reopened.logits(0..<5) == expected)
    }

    @Test(arguments: ParameterPart.allCases)
    func `what was tuned is kept and no more`(tuned: ParameterPart) throws {
        let dense = [
            "fields.age.embedding", "bias", "mlp.0.weight", "mlp.0.bias", "mlp.4.weight",
        ]
        let tables = ["fields.item.ids", "fields.item.embedding", "fields.genres.ids", "fields.genres.embedding"]
        let overlay = try Overlay(of: Self.tuner(tuned: tuned))
        let file = try SafetensorsFile(overlay.safetensors())
        let names = Set(file.tensors.map(\.name))
        switch tuned {
        case .all: #expect(names.isSuperset(of: dense + tables))
        case .dense:
            #expect(names.isSuperset(of: dense))
            #expect(overlay.rowCount == 0)
        case .embeddings:
            #expect(names.isSuperset(of: tables))
            #expect(overlay.denseCount == 0)
        case .lastLayer: #expect(names == ["bias", "mlp.4.weight"])
        case .bias:
            #expect(names == ["bias"])
            #expect(overlay.denseCount == 1)
        }
        #expect(!names.contains { $0.contains("running") })
    }

    @Test func `rows of samples that were only scored are the cloud's and not kept`() throws {
        let file = try SafetensorsFile(Overlay(of: Self.tuner()).safetensors())
        #expect(try file.integers("fields.item.ids") == [3, 7, 11, 20])
        #expect(try file.integers("fields.genres.ids") == [1, 2, 3, 4, 5, 8])
        #expect(file.tensor("fields.item.embedding")?.shape == [4, 4])
        var untuned = LocalTuner(cloud: Self.cloud(), schedule: LocalSchedule())
        untuned.begin(Self.samples)
        #expect(Overlay(of: untuned).rowCount == 0)
        #expect(Overlay(of: untuned).denseCount == 0)
    }

    @Test func `its size does not depend on the table's`() throws {
        let sizes = try [50, 200_000].map { try Overlay(of: Self.tuner(of: Self.cloud(items: $0))).safetensors().count }
        #expect(sizes[0] == sizes[1])
    }

    @Test func `it is refused with any other model`() throws {
        let cloud = Self.cloud()
        let overlay = try Overlay(of: Self.tuner(of: cloud))
        var bias = cloud
        bias.parameters.bias = 1
        var buffers = cloud
        buffers.parameters.buffers[0] += 1
        for other in [Self.cloud(seed: 6), Self.cloud(items: 51), bias, buffers] {
            let read = #expect(throws: FineTuningError.self) {
                try Overlay(safetensors: overlay.safetensors(), cloud: other)
            }
            #expect(read?.code == .otherModel)
            var tuner = LocalTuner(cloud: other, schedule: LocalSchedule())
            let begun = #expect(throws: FineTuningError.self) { try tuner.begin(Self.samples, with: overlay) }
            #expect(begun?.code == .otherModel)
            var plain = tuner
            plain.begin(Self.samples)
            #expect(try tuner.logits(0..<12) == plain.logits(0..<12))
        }
    }

    // By Python: h = (h ^ byte) * 0x100000001b3 % 2**64 from 0xcbf29ce484222325 on, over the JSON and
    // struct.pack("<2f", 0.25, -2).
    @Test func `the checksum is FNV-1a`() {
        let architecture = Architecture(kind: .lr, fields: [.init(name: "a", kind: .dense, rows: 0)])
        let json =
            #"{"kind":"lr","fields":[{"name":"a","kind":"dense","rows":0}],"embedding_dimension":0,"#
            + #""hidden_sizes":[]}"#
        #expect(architecture.json == json)
        var model = CTRModel(architecture: architecture, seed: 1)
        model.parameters.dense = [0.25, -2]
        #expect(model.checksum == 0x2A85_54EA_BAE4_1F79)
    }
}
