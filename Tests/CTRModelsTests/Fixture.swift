import Foundation
import Testing

@testable import CTRModels

/// What `scripts/models/make_fixtures.py` wrote for one model.
struct Fixture: Sendable, CustomTestStringConvertible {
    let name: String
    let model: CTRModel
    let input: ModelInput
    let labels: [Float]
    let weights: [Float]
    let expected: SafetensorsFile

    static let names = [
        "lr", "fm", "wide-deep", "deepfm", "deepfm-prelu", "deepfm-dice", "pnn", "dcn-v2", "din", "din-prelu",
        "din-dice",
        "dien", "deepfm-dropout",
    ]

    init(_ name: String) throws {
        self.name = name
        model = try CTRModel(safetensors: Self.bytes("\(name).model.safetensors"))
        let expected = try SafetensorsFile(Self.bytes("\(name).expected.safetensors"))
        self.expected = expected
        labels = try expected.floats("labels")
        weights = try expected.floats("weights")
        input = ModelInput(
            count: labels.count,
            columns: try model.architecture.fields.map { field in
                switch field.kind {
                case .categorical: return .categorical(try expected.integers(field.name).map(UInt32.init))
                case .dense: return .dense(try expected.floats(field.name))
                case .multivalued, .history:
                    var offsets: [Int32] = [0]
                    for length in try expected.integers("\(field.name).lengths") {
                        offsets.append(offsets[offsets.count - 1] + Int32(length))
                    }
                    let ids = try expected.integers("\(field.name).ids")
                    return .multivalued(offsets: offsets, ids: ids.map(UInt32.init))
                }
            })
    }

    static func bytes(_ file: String) throws -> [UInt8] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
        return [UInt8](try Data(contentsOf: folder.appending(path: file)))
    }

    var testDescription: String { name }

    /// All rows in order.
    var rows: ArraySlice<Int32> { Array(0..<Int32(input.count))[...] }

    /// Step `step` of the ten, or the one pass over all rows, as PyTorch's side dropped units in it.
    func training(step: Int = 0) throws -> PassMode {
        let seed = expected.tensor("dropout.seed") == nil ? 0 : try expected.integers("dropout.seed")[0]
        return .training(seed: UInt64(seed), step: UInt64(step))
    }

    /// The minibatches of the ten optimiser steps.
    func batches() throws -> [ArraySlice<Int32>] {
        let rows = try expected.integers("batches").map { Int32($0) }
        let size = expected.tensor("batches")?.shape.last ?? 1
        return stride(from: 0, to: rows.count, by: size).map { rows[$0..<$0 + size] }
    }
}

/// Models small enough to look at, with every kind of field and sizes that fill no SIMD width.
enum Small {
    static let fields: [Architecture.Field] = [
        .init(name: "item", kind: .categorical, rows: 9), .init(name: "genres", kind: .multivalued, rows: 5),
        .init(name: "age", kind: .dense, rows: 0),
    ]
    static let histories: [Architecture.Field] = [
        .init(name: "brand", kind: .categorical, rows: 4),
        .init(name: "history_item", kind: .history, rows: 0, of: "item"),
        .init(name: "history_brand", kind: .history, rows: 0, of: "brand"),
    ]
    static let lr = Architecture(kind: .lr, fields: fields)
    static let deepfm = deep(.deepfm)

    /// One of each kind and each activation, and one with sums in place of means.
    static let all: [Architecture] =
        [lr, Architecture(kind: .fm, fields: fields, embeddingDimension: 3), deepfm, deep(.wideDeep), deep(.pnn)]
        + [deep(.deepfm, activation: .prelu), deep(.deepfm, activation: .dice), deep(.dcnV2, crossLayers: 2)]
        + Architecture.Activation.allCases.map { deep(.din, activation: $0, attentionSizes: [4, 3]) }
        + [deep(.din), deep(.dien), deep(.dien, activation: .dice), pooledBySum]

    static let pooledBySum: Architecture = {
        var result = deep(.deepfm)
        result.fields[1].pooling = .sum
        return result
    }()

    static func deep(
        _ kind: Architecture.Kind, activation: Architecture.Activation = .relu, crossLayers: Int = 0,
        attentionSizes: [Int] = [], dropout: Double = 0
    ) -> Architecture {
        Architecture(
            kind: kind, fields: kind.uses.contains(.history) ? fields + histories : fields, embeddingDimension: 3,
            hiddenSizes: [5, 2], activation: activation, dropout: dropout, crossLayers: crossLayers,
            attentionSizes: attentionSizes)
    }

    /// Ids 0 and beyond the table, an empty list, repeats.
    static let input = ModelInput(count: 6, columns: columns)
    /// The same with histories: empty, of one position, with missing ids and repeats.
    static let historyInput = ModelInput(
        count: 6,
        columns: columns + [
            .categorical([1, 2, 3, 3, 0, 2]),
            .multivalued(offsets: [0, 3, 3, 4, 9, 11, 12], ids: [3, 8, 3, 1, 2, 0, 3, 9, 7, 3, 6, 5]),
            .multivalued(offsets: [0, 3, 3, 4, 9, 11, 12], ids: [1, 3, 1, 2, 2, 1, 0, 1, 3, 2, 2, 1]),
        ])
    private static let columns: [ModelInput.Column] = [
        .categorical([3, 0, 3, 8, 9, 1]), .multivalued(offsets: [0, 2, 2, 3, 6, 7, 8], ids: [1, 2, 0, 4, 4, 7, 3, 2]),
        .dense([0.5, -1, 2, 0, 0.25, 1]),
    ]

    static func input(for architecture: Architecture) -> ModelInput {
        architecture.kind.uses.contains(.history) ? historyInput : input
    }

    static let labels: [Float] = [1, 0, 0.3, 1, -0.1, 0]

    /// A model whose every parameter but the tables' row 0 is a number of order 1.
    static func model(_ architecture: Architecture, seed: UInt64 = 1) -> CTRModel {
        var model = CTRModel(architecture: architecture, seed: seed)
        var random = SplitMix64(seed: seed)
        for index in model.parameters.dense.indices { model.parameters.dense[index] = Float(random.nextNormal() * 0.5) }
        for table in model.parameters.tables.indices {
            for index in model.parameters.tables[table].width..<model.parameters.tables[table].values.count {
                model.parameters.tables[table].values[index] = Float(random.nextNormal() * 0.5)
            }
        }
        for index in model.parameters.buffers.indices {
            model.parameters.buffers[index] = Float(0.5 + random.nextUniform())
        }
        return model
    }
}

/// Whether numbers agree to `relative` of the expected one, or to a tenth of that of the largest expected one: an
/// element that cancels to near zero cannot be held to its own size.
func agree(_ actual: [Float], _ expected: [Float], relative: Float) -> Bool {
    let largest = expected.reduce(0) { max($0, abs($1)) }
    return actual.count == expected.count
        && zip(actual, expected).allSatisfy { abs($0 - $1) <= relative * max(abs($1), largest / 10) }
}
