import CTRModels
import Foundation
import Testing

@testable import ModelExchange

@Suite struct ONNXModelTests {
    static let fields: [Architecture.Field] = [
        .init(name: "item", kind: .categorical, rows: 9), .init(name: "genres", kind: .multivalued, rows: 5),
        .init(name: "tags", kind: .multivalued, rows: 6, pooling: .sum), .init(name: "age", kind: .dense, rows: 0),
        .init(name: "brand", kind: .categorical, rows: 4),
    ]
    static let histories: [Architecture.Field] = [
        .init(name: "history_brand", kind: .history, rows: 0, of: "brand"),
        .init(name: "history_item", kind: .history, rows: 0, of: "item"),
    ]

    /// Every kind with every activation that it may have.
    static let architectures: [Architecture] = Architecture.Kind.allCases.flatMap { kind in
        let uses = kind.uses
        let activations = uses.contains(.hiddenLayers) ? Architecture.Activation.allCases : [.relu]
        return activations.map { activation in
            Architecture(
                kind: kind, fields: fields + (uses.contains(.history) ? histories : []),
                embeddingDimension: uses.contains(.embeddings) ? 3 : 0,
                hiddenSizes: uses.contains(.hiddenLayers) ? [5, 2] : [], activation: activation,
                dropout: uses.contains(.hiddenLayers) ? 0.2 : 0, crossLayers: uses.contains(.crossLayers) ? 2 : 0,
                attentionSizes: uses.contains(.attentionLayers) ? [4, 3] : [])
        }
    }

    /// Every number of order 1, running variances above 0.
    static func model(_ architecture: Architecture) -> CTRModel {
        var model = CTRModel(architecture: architecture, seed: 1)
        var state: UInt64 = 7
        func next() -> Float {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / Float(1 << 24) * 1.4 - 0.7
        }
        for index in model.parameters.dense.indices { model.parameters.dense[index] = next() }
        for index in model.parameters.buffers.indices { model.parameters.buffers[index] = abs(next()) + 0.2 }
        for table in model.parameters.tables.indices {
            for index in model.parameters.tables[table].width..<model.parameters.tables[table].values.count {
                model.parameters.tables[table].values[index] = next()
            }
        }
        return model
    }

    /// Unknown ids, empty lists, lists of unknown ids, and an empty history.
    private static let lists: [String: [[UInt32]]] = [
        "genres": [[1, 2], [], [0], [4, 4, 3], [9, 2]], "tags": [[], [5, 6, 1], [2, 2], [0, 3], [1]],
        "history_item": [[1, 9, 3], [], [0], [8, 8, 2, 1], [5]],
        "history_brand": [[3, 0, 1], [], [2], [1, 1, 7, 3], [0]],
    ]
    private static let ids: [String: [UInt32]] = ["item": [3, 0, 8, 9, 1], "brand": [1, 2, 0, 3, 40]]
    private static let ages: [Float] = [0.5, -1, 2, 0, 0.25]

    private static func logits(_ model: CTRModel) -> [Float] {
        let input = ModelInput(
            count: 5,
            columns: model.architecture.fields.map { field in
                if let ids = ids[field.name] { return .categorical(ids) }
                guard let lists = lists[field.name] else { return .dense(ages) }
                return .multivalued(
                    offsets: lists.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int32($1.count)) },
                    ids: Array(lists.joined()))
            })
        var logits = [Float](repeating: 0, count: 5)
        var workspace = model.makeWorkspace(rows: 5)
        model.logits(input, rows: 0..<5, workspace: &workspace, into: &logits)
        return logits
    }

    /// The graph's inputs; `longer` positions more than the longest list, of ids that exist behind histories.
    private static func feed(_ architecture: Architecture, longer: Int) -> [String: ONNXInterpreter.Tensor] {
        var feed: [String: ONNXInterpreter.Tensor] = [:]
        for field in architecture.fields {
            if let ids = ids[field.name] {
                feed[field.name] = .init([5], ids.map { $0 == 0 ? -3 : Double($0) })
            } else if let lists = lists[field.name] {
                let width = (lists.map(\.count).max() ?? 0) + longer
                let fill: UInt32 = field.kind == .history ? 1 : 0
                let padded = lists.flatMap { $0 + Array(repeating: fill, count: width - $0.count) }
                feed[field.name] = .init([5, width], padded.map { Double($0) })
                if field.kind == .history { feed["history_length"] = .init([5], lists.map { Double($0.count) }) }
            } else {
                feed[field.name] = .init([5], ages.map { Double($0) })
            }
        }
        return feed
    }

    private static func bytes(_ model: CTRModel) throws -> [UInt8] {
        var bytes: [UInt8] = []
        let onnx = try ONNXModel(model)
        onnx.write { bytes += $0 }
        #expect(bytes.count == onnx.byteCount)
        return bytes
    }

    @Test(arguments: architectures)
    func `the graph gives the model's logits`(architecture: Architecture) throws {
        let model = Self.model(architecture)
        let graph = try ONNXInterpreter(Self.bytes(model))
        let expected = Self.logits(model)
        for longer in [0, 2] {
            let values = try graph.run(Self.feed(architecture, longer: longer))
            let logit = try #require(values["logit"])
            #expect(logit.shape == [5])
            for (actual, expected) in zip(logit.values, expected) {
                #expect(abs(actual - Double(expected)) <= 1e-5 * max(1, abs(Double(expected))))
            }
            let probability = try #require(values["probability"])
            #expect(probability.values == logit.values.map { 1 / (1 + exp(-$0)) })
        }
    }

    @Test(arguments: architectures)
    func `inputs are the fields, constants the model's tensors, and the architecture is in the metadata`(
        architecture: Architecture
    ) throws {
        let model = Self.model(architecture)
        let graph = try ONNXInterpreter(Self.bytes(model))
        let hasHistory = architecture.kind.uses.contains(.history)
        #expect(graph.inputs == architecture.fields.map(\.name) + (hasHistory ? ["history_length"] : []))
        #expect(graph.outputs == ["logit", "probability"])
        for tensor in model.parameters.layout.tensors {
            let constant = try #require(graph.constants[tensor.name])
            #expect(constant.shape == model.parameters.shape(of: tensor))
            #expect(constant.values.map { Float($0) } == model.parameters.values(of: tensor))
        }
        // IR version, producer, opset of the standard operators, metadata.
        #expect(graph.model.integer(1) == 8 && graph.model.text(2) == "plumb")
        #expect(try graph.model.message(8).integer(2) == 17)
        let entry = try graph.model.message(14)
        #expect(entry.text(1) == "plumb.architecture" && entry.text(2) == architecture.json)
        // Types of inputs: int64 [batch] or [batch, n], float [batch].
        for (value, field) in zip(try graph.model.message(7).messages(11), architecture.fields) {
            let type = try value.message(2).message(1)
            let dimensions = try type.message(2).messages(1).map { $0.text(2) }
            #expect(type.integer(1) == (field.kind == .dense ? 1 : 7))
            switch field.kind {
            case .categorical, .dense: #expect(dimensions == ["batch"])
            case .multivalued: #expect(dimensions == ["batch", "\(field.name)_ids"])
            case .history: #expect(dimensions == ["batch", "history"])
            }
        }
    }

    @Test func `a large table is written in pieces`() throws {
        let model = CTRModel(
            architecture: Architecture(
                kind: .fm, fields: [.init(name: "item", kind: .categorical, rows: 100_000)], embeddingDimension: 8),
            seed: 1)
        let onnx = try ONNXModel(model)
        var (count, largest) = (0, 0)
        onnx.write {
            count += $0.count
            largest = max(largest, $0.count)
        }
        #expect(count == onnx.byteCount && count > 3_600_000 && largest < 300_000)
    }

    @Test func `more than protobuf can hold is refused before a byte is written`() {
        #expect(ONNXModel.byteLimit == 2_147_483_647)
        let error = #expect(throws: ExchangeError.self) {
            try ONNXModel(Self.model(Self.architectures[0]), byteLimit: 1000)
        }
        #expect(error?.code == .limit && error?.message.hasPrefix("the model has ") == true)
    }

    @Test(arguments: ["logit", "history_length", "bias", "fields.item.weight"])
    func `a field that is called as a value of the graph is refused`(name: String) {
        let architecture = Architecture(
            kind: .lr,
            fields: [.init(name: name, kind: .dense, rows: 0), .init(name: "item", kind: .categorical, rows: 2)])
        let error = #expect(throws: ExchangeError.self) { try ONNXModel(Self.model(architecture)) }
        #expect(error?.code == .name && error?.message.contains("'\(name)'") == true)
    }

    @Test(arguments: ["/Gather_12", "/constant_20", "step", "a b\"c", "ä"])
    func `any other name will do`(name: String) throws {
        let architecture = Architecture(
            kind: .fm,
            fields: [.init(name: name, kind: .categorical, rows: 3), .init(name: "age", kind: .dense, rows: 0)],
            embeddingDimension: 2)
        let graph = try ONNXInterpreter(Self.bytes(Self.model(architecture)))
        let values = try graph.run([name: .init([2], [1, 2]), "age": .init([2], [1, 0])])
        #expect(values["logit"]?.values.allSatisfy(\.isFinite) == true)
    }
}
