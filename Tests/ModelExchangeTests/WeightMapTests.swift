import CTRModels
import Testing

@testable import ModelExchange

@Suite struct WeightMapTests {
    private typealias Expression = WeightExpression

    /// lr over one field of three rows and a number: bias [1], fields.item.weight [3, 1], fields.age.weight [1, 1].
    private static let lr = Architecture(
        kind: .lr,
        fields: [.init(name: "item", kind: .categorical, rows: 3), .init(name: "age", kind: .dense, rows: 0)])

    private static func file(_ tensors: [(name: String, shape: [Int], values: [Float])]) throws -> SafetensorsFile {
        var bytes: [UInt8] = []
        var writer = SafetensorsWriter<Never>(
            metadata: [:], tensors: tensors.map { .init($0.name, shape: $0.shape) }, write: { bytes += $0 })
        for tensor in tensors { writer.append(tensor.values[...]) }
        writer.finish()
        return try SafetensorsFile(bytes)
    }

    private struct Refused: Error { var error: ExchangeError }

    /// The tensor that an expression makes of shape `target`, both of shapes alone and of numbers.
    private static func made(
        _ expression: WeightExpression, target: [Int] = [], order: [Int?] = [],
        from tensors: [String: WeightTensor]
    ) throws -> WeightTensor {
        func evaluation(_ hasValues: Bool) -> WeightEvaluation<Refused> {
            WeightEvaluation(
                target: target, most: 100, feature: "item", source: "movie", hasValues: hasValues,
                refuse: { Refused(error: $0) },
                load: { name, _ throws(Refused) in
                    guard var tensor = tensors[name] else { throw Refused(error: ExchangeError(.tensor, "no \(name)")) }
                    if !hasValues { tensor.values = nil }
                    return tensor
                }, order: { _, _, _ throws(Refused) in order })
        }
        let (dry, made) = (try evaluation(false).tensor(expression), try evaluation(true).tensor(expression))
        #expect(dry.shape == made.shape && dry.values == nil)
        #expect(made.values?.count == made.shape.reduce(1, *))
        return made
    }

    private static let a = WeightTensor(shape: [3, 2], values: [1, 2, 3, 4, 5, 6])
    private static let v = WeightTensor(shape: [3], values: [10, 20, 30])

    @Test(arguments: [
        ([WeightExpression.Step.Action.transpose], [2, 3], [1, 3, 5, 2, 4, 6] as [Float]),
        ([.rows(from: 1, to: nil)], [2, 2], [3, 4, 5, 6]), ([.rows(from: 0, to: -1)], [2, 2], [1, 2, 3, 4]),
        ([.rows(from: -1, to: nil)], [1, 2], [5, 6]), ([.columns(from: 1, to: 2)], [3, 1], [2, 4, 6]),
        ([.columns(from: 0, to: -1)], [3, 1], [1, 3, 5]), ([.dropRow(0)], [2, 2], [3, 4, 5, 6]),
        ([.dropRow(-1)], [2, 2], [1, 2, 3, 4]), ([.zeroRow(1)], [3, 2], [1, 2, 0, 0, 5, 6]),
        ([.insertZeroRow], [4, 2], [0, 0, 1, 2, 3, 4, 5, 6]),
        // A padding row at the end comes to stand at 0.
        ([.dropRow(-1), .insertZeroRow], [3, 2], [0, 0, 1, 2, 3, 4]),
        ([.reshape([6])], [6], [1, 2, 3, 4, 5, 6]), ([.reshape([1, 3, 2])], [1, 3, 2], [1, 2, 3, 4, 5, 6]),
        ([.repeated(2)], [6, 2], [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6]),
        ([.rows(from: 1, to: 1)], [0, 2], []), ([.rows(from: 1, to: 1), .repeated(1 << 40)], [0, 2], []),
        ([.rows(from: 1, to: 1), .transpose, .repeated(3)], [6, 0], []),
        ([.keys(file: "f")], [4, 2], [0, 0, 5, 6, 0, 0, 1, 2]),
    ])
    func `steps do what they say, in their order`(
        steps: [WeightExpression.Step.Action], shape: [Int], values: [Float]
    ) throws {
        let made = try Self.made(
            Expression(.tensor("a"), steps.map { .init($0) }), target: [4, 2], order: [nil, 2, nil, 0],
            from: ["a": Self.a])
        #expect(made.shape == shape && made.values == values)
    }

    @Test func `sources are summed, joined and filled, and each may have steps of its own`() throws {
        let tensors = ["a": Self.a, "v": Self.v, "t": WeightTensor(shape: [2, 3], values: [1, 2, 3, 4, 5, 6])]
        let transposed = Expression(.tensor("t"), [.init(.transpose)])
        let sum = try Self.made(Expression(.sum([.init(.tensor("a")), transposed])), from: tensors)
        #expect(sum.shape == [3, 2] && sum.values == [2, 6, 5, 9, 8, 12])
        let below = try Self.made(
            Expression(.concatenation([.init(.tensor("v")), .init(.tensor("v"))])), from: tensors)
        #expect(below.shape == [6] && below.values == [10, 20, 30, 10, 20, 30])
        let beside = try Self.made(Expression(.columnConcatenation([.init(.tensor("a")), transposed])), from: tensors)
        #expect(beside.shape == [3, 4] && beside.values == [1, 2, 1, 4, 3, 4, 2, 5, 5, 6, 3, 6])
        let filled = try Self.made(Expression(.fill(0.25)), target: [2, 2], from: [:])
        #expect(filled.shape == [2, 2] && filled.values == [0.25, 0.25, 0.25, 0.25])
        let named = try Self.made(Expression(.tensor("x.*.*")), from: ["x.movie.movie": Self.v])
        #expect(named.shape == [3])
    }

    @Test(arguments: [
        (WeightExpression(.tensor("v"), [.init(.transpose)]), "only a matrix can be transposed"),
        (.init(.tensor("a"), [.init(.rows(from: 0, to: 4))]), "it has no rows 0 to 4"),
        (.init(.tensor("a"), [.init(.rows(from: -4, to: nil))]), "it has no rows -4 to 3"),
        (.init(.tensor("a"), [.init(.rows(from: 2, to: 1))]), "it has no rows 2 to 1"),
        (.init(.tensor("v"), [.init(.columns(from: 0, to: 1))]), "only a matrix has columns"),
        (.init(.tensor("a"), [.init(.dropRow(3))]), "it has no row 3"),
        (.init(.tensor("s"), [.init(.zeroRow(0))]), "it has no row 0"),
        (.init(.tensor("s"), [.init(.insertZeroRow)]), "a single number has no rows"),
        (.init(.tensor("a"), [.init(.reshape([4]))]), "its numbers do not fill the shape [4]"),
        (.init(.tensor("a"), [.init(.reshape([.max, .max]))]), "do not fill the shape"),
        (.init(.tensor("a"), [.init(.repeated(.max))]), "it cannot be repeated"),
        (.init(.tensor("a"), [.init(.keys(file: "f"))]), "names row 7, and there are 3"),
        (.init(.sum([.init(.tensor("a")), .init(.tensor("v"))])), "cannot be added"),
        (.init(.concatenation([.init(.tensor("a")), .init(.tensor("v"))])), "do not fit below"),
        (.init(.columnConcatenation([.init(.tensor("v"))])), "do not fit beside"),
        // Sizes beside a 0 are no less of a trap.
        (
            .init(.tensor("a"), [.init(.rows(from: 0, to: 0)), .init(.reshape([0, 1 << 62, 4]))]),
            "do not fill the shape"
        ),
        (.init(.tensor("a"), [.init(.rows(from: 0, to: 0)), .init(.reshape([1 << 41, 0]))]), "is larger than"),
        (.init(.tensor("a"), [.init(.repeated(1 << 40))]), "it cannot be repeated"),
        (.init(.tensor("a"), [.init(.repeated(1 << 62))]), "it cannot be repeated"),
        (.init(.tensor("a"), [.init(.repeated(30)), .init(.rows(from: 0, to: 1))]), "is larger than"),
        (.init(.tensor("wide"), [.init(.transpose)]), "is larger than"),
        (.init(.tensor("wide"), [.init(.insertZeroRow)]), "is larger than"),
        (.init(.concatenation(Array(repeating: .init(.tensor("a")), count: 17))), "is larger than"),
        (.init(.columnConcatenation(Array(repeating: .init(.tensor("a")), count: 17))), "is larger than"),
        (.init(.sum([])), "of no tensor nothing can be made"), (.init(.tensor("b")), "no b"),
    ])
    func `what does not fit is told`(expression: WeightExpression, says: String) {
        let tensors = [
            "a": Self.a, "v": Self.v, "s": WeightTensor(shape: [], values: [1]),
            "wide": WeightTensor(shape: [0, 4_000_000_000_000_000_000], values: []),
        ]
        let refused = #expect(throws: Refused.self) {
            try Self.made(expression, target: [4, 2], order: [7], from: tensors)
        }
        #expect(refused?.error.message.contains(says) == true, "\(refused?.error.message ?? "")")
    }

    @Test func `a tensor of a type that cannot be read may be ignored, and is told by its place where a rule wants it`()
        throws
    {
        let header =
            #"{"b":{"dtype":"F8_E4M3","shape":[3,5],"data_offsets":[0,15]},"#
            + #""n":{"dtype":"I64","shape":[1],"data_offsets":[15,23]},"w":{"dtype":"F32","shape":[3,1],"data_offsets":[23,35]},"#
            + #""a":{"dtype":"F32","shape":[1,1],"data_offsets":[35,39]}}"#
        let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
        let file = try SafetensorsFile(length + Array(header.utf8) + [UInt8](repeating: 0, count: 39))
        #expect(file.tensor("b")?.type == nil && file.tensor("b")?.count == 15)
        for (name, type) in [("b", "F8_E4M3"), ("n", "I64")] {
            let other = name == "b" ? "n" : "b"
            let map = WeightMap(
                rules: [
                    .init("bias", .init(.tensor(name), place: MapPlace(line: 2, column: 9))),
                    .init("fields.item.weight", .init(.tensor("w"))), .init("fields.age.weight", .init(.tensor("a"))),
                ], ignored: [other])
            #expect(
                map.faults(for: Self.lr, from: file.tensors).map(\.description) == [
                    "2:9: error: the state dict's tensor '\(name)' is of type \(type), which cannot be used"
                ])
            #expect(throws: ModelError.self) { try file.floats(of: file.tensors[0], elements: 0..<1) }
        }
    }

    @Test func `a tensor that does not come out finite is told by its place in the map`() throws {
        let file = try Self.file([("b", [1], [3e38]), ("w", [3, 1], [0, 1, 2]), ("a", [1, 1], [1])])
        let map = WeightMap(rules: [
            .init(
                "bias", .init(.sum([.init(.tensor("b")), .init(.tensor("b"))])), place: MapPlace(line: 4, column: 7)),
            .init("fields.item.weight", .init(.tensor("w"))), .init("fields.age.weight", .init(.tensor("a"))),
        ])
        #expect(map.faults(for: Self.lr, from: file.tensors).isEmpty)
        let refused = #expect(throws: ModelError.self) {
            try map.model(
                Self.lr, from: file, refuse: { ModelError(.tensor, $0.description) },
                order: { _, _, _ throws(ModelError) in [] })
        }
        #expect(refused?.message == "4:7: error: 'bias' holds inf")
    }

    @Test func `a model is made by rules, those with a star giving way to those without`() throws {
        let file = try Self.file([
            ("out.b", [1], [5]), ("emb.movie.w", [2, 1], [1, 2]), ("age.w", [1], [7]),
            ("x.num_batches_tracked", [], [0]),
        ])
        let map = WeightMap(
            rules: [
                .init("bias", .init(.tensor("out.b"))),
                .init("fields.*.weight", .init(.tensor("emb.*.w"), [.init(.insertZeroRow)])),
                .init("fields.age.weight", .init(.tensor("age.w"), [.init(.reshape([1, 1]))])),
            ], ignored: ["*.num_*"], names: ["item": "movie"])
        #expect(map.faults(for: Self.lr, from: file.tensors) == [])
        let model = try map.model(
            Self.lr, from: file, refuse: { ModelError(.tensor, $0.message) },
            order: { _, _, _ throws(ModelError) in [] })
        let made = Dictionary(
            uniqueKeysWithValues: model.parameters.layout.tensors.map { ($0.name, model.parameters.values(of: $0)) })
        #expect(made == ["bias": [5], "fields.item.weight": [0, 1, 2], "fields.age.weight": [7]])
    }

    @Test func `all that keeps a map from fitting is told at once, each with its place`() throws {
        let file = try Self.file([("b", [2], [1, 2]), ("left", [1], [0]), ("item", [2, 1], [1, 2])])
        func place(_ line: Int) -> MapPlace { MapPlace(line: line, column: 1) }
        let map = WeightMap(rules: [
            .init("bias", .init(.tensor("b"), place: place(1)), place: place(1)),
            .init("fields.item.weight", .init(.tensor("items"), place: place(2)), place: place(2)),
            .init("mlp.0.weight", .init(.fill(0), place: place(3)), place: place(3)),
        ])
        let faults = map.faults(for: Self.lr, from: file.tensors).map(\.description)
        #expect(
            faults == [
                "1:1: error: 'bias' has shape [1], and this makes [2]",
                "2:1: error: the state dict has no tensor 'items'", "error: no rule makes 'fields.age.weight' [1, 1]",
                "3:1: error: the model has no tensor 'mlp.0.weight' to be made",
                "error: nothing uses the state dict's tensor 'item', and `ignore` does not name it",
                "error: nothing uses the state dict's tensor 'left', and `ignore` does not name it",
            ])
        let twice = WeightMap(rules: [
            .init("bias", .init(.fill(0))), .init("fields.*", .init(.fill(0))), .init("*.weight", .init(.fill(0))),
        ])
        #expect(
            twice.faults(for: Self.lr, from: []).first?.message
                == "'fields.*' and '*.weight' both make 'fields.item.weight'")
    }

    @Test func `a row 0 that is not zeros, and a number that is not finite, are refused`() throws {
        let rules: [WeightMap.Rule] = [
            .init("bias", .init(.tensor("b"))), .init("fields.age.weight", .init(.fill(1))),
            .init("fields.item.weight", .init(.tensor("w")), place: MapPlace(line: 3, column: 5)),
        ]
        func error(_ bias: Float, _ row: Float) throws -> ModelError? {
            let file = try Self.file([("b", [1], [bias]), ("w", [3, 1], [row, 2, 3])])
            return #expect(throws: ModelError.self) {
                try WeightMap(rules: rules).model(
                    Self.lr, from: file, refuse: { ModelError(.tensor, $0.description) },
                    order: { _, _, _ throws(ModelError) in [] })
            }
        }
        #expect(try error(0, 1)?.message.hasPrefix("3:5: error: row 0 of tensor 'fields.item.weight' is not") == true)
        #expect(try error(.nan, 0)?.message == "tensor 'b' holds a number that is not finite")
    }

    @Test(arguments: [
        ("*", "", true), ("*", "abc", true), ("a*", "abc", true), ("a*c", "abc", true), ("a*c", "ac", true),
        ("a*b*c", "axxbyyc", true), ("a*b*c", "axxc", false), ("a*a", "a", false), ("*.x", "a.b.x", true),
        ("abc", "abc", true), ("abc", "abcd", false), ("b*", "abc", false),
    ])
    func `a pattern to ignore may have any number of stars`(pattern: String, name: String, matches: Bool) {
        #expect(pattern.matchesAll(of: name) == matches)
    }
}
