import Testing

@testable import CTRModels

@Suite struct SafetensorsTests {
    private static let model = Small.model(Small.deepfm)

    /// The bytes of a file of float32 tensors.
    private static func file(
        metadata: [String: String] = [:], _ tensors: [(SafetensorsWriter<Never>.Declaration, [Float])]
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        var writer = SafetensorsWriter<Never>(metadata: metadata, tensors: tensors.map(\.0)) { bytes += $0 }
        for (_, values) in tensors { writer.append(values[...]) }
        writer.finish()
        return bytes
    }

    @Test(arguments: Small.all) func `a model comes back from its bytes`(architecture: Architecture) throws {
        let model = Small.model(architecture)
        let bytes = model.safetensors(metadata: ["note": "trained on \"nothing\""])
        let read = try CTRModel(safetensors: bytes)
        #expect(read.architecture == architecture)
        #expect(read.parameters == model.parameters)
        #expect(read.safetensors(metadata: ["note": "trained on \"nothing\""]) == bytes)
        #expect(try SafetensorsFile(bytes).metadata["note"] == "trained on \"nothing\"")
    }

    @Test func `tensors carry PyTorch's names and shapes, and the data is aligned`() throws {
        let bytes = Self.model.safetensors()
        let file = try SafetensorsFile(bytes)
        var shapes: [String: [Int]] = [:]
        for tensor in file.tensors { shapes[tensor.name] = tensor.shape }
        #expect(
            shapes == [
                "bias": [1], "fields.item.embedding": [9, 3], "fields.item.weight": [9, 1],
                "fields.genres.embedding": [5, 3], "fields.genres.weight": [5, 1], "fields.age.embedding": [1, 3],
                "fields.age.weight": [1, 1], "mlp.0.weight": [5, 9], "mlp.0.bias": [5], "mlp.2.weight": [2, 5],
                "mlp.2.bias": [2], "mlp.4.weight": [1, 2],
            ])
        #expect(bytes[0] % 8 == 0)
        #expect(file.metadata["format"] == "pt")
    }

    @Test func `bytes cut short anywhere are refused`() {
        let bytes = Self.model.safetensors()
        for length in 0..<bytes.count {
            #expect(throws: ModelError.self, "\(length) bytes") { try CTRModel(safetensors: Array(bytes[..<length])) }
        }
        #expect(throws: ModelError.self) { try CTRModel(safetensors: bytes + [0]) }
    }

    @Test func `no flipped bit traps, and none in the sizes passes`() throws {
        let bytes = Self.model.safetensors()
        let headerEnd = 8 + Int(bytes[0]) + Int(bytes[1]) << 8
        for index in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[index] ^= 1 << UInt8(bit)
                let read = try? CTRModel(safetensors: damaged)
                if index < 8 { #expect(read == nil, "byte \(index), bit \(bit)") }
                // In the data a flip is another number, read as it stands.
                if index >= headerEnd, let read {
                    let isSame = read.safetensors() == damaged
                    #expect(isSame, "byte \(index), bit \(bit)")
                }
            }
        }
    }

    @Test func `a number that is not finite is refused with its tensor's name`() {
        for bad in [Float.nan, .infinity, -.infinity] {
            var model = Self.model
            model.parameters.tables[1].values[model.parameters.tables[1].width + 1] = bad
            let error = #expect(throws: ModelError.self) { try CTRModel(safetensors: model.safetensors()) }
            #expect(error?.message == "tensor 'fields.genres.embedding' holds a number that is not finite")
        }
    }

    @Test func `a row 0 that is not zeros is refused`() {
        var model = Self.model
        model.parameters.tables[0].values[3] = 0.5
        let error = #expect(throws: ModelError.self) { try CTRModel(safetensors: model.safetensors()) }
        #expect(error?.message.hasPrefix("row 0 of tensor 'fields.item.weight' is not zeros") == true)
    }

    @Test func `tensors must be the architecture's`() throws {
        let error = #expect(throws: ModelError.self) {
            try CTRModel(
                safetensors: Self.model.safetensors().replacing("fields.item.weight", by: "fields.item.wejght"))
        }
        #expect(error?.message == "tensor 'fields.item.weight' is missing")
        let shape = #expect(throws: ModelError.self) {
            try CTRModel(safetensors: Self.model.safetensors().replacing("\"shape\":[5,9]", by: "\"shape\":[9,5]"))
        }
        #expect(shape?.message == "tensor 'mlp.0.weight' has shape [9, 5]; the architecture needs [5, 9]")
        let type = #expect(throws: ModelError.self) {
            try CTRModel(safetensors: Self.model.safetensors().replacing("\"F32\"", by: "\"I32\""))
        }
        #expect(type?.message == "tensor 'bias' is of type I32, not F32")
        let bytes = Self.file(
            metadata: [
                CTRModel.architectureKey: Architecture(kind: .lr, fields: [.init(name: "a", kind: .dense, rows: 0)])
                    .json
            ],
            [
                (.init("bias", shape: [1]), [1]), (.init("fields.a.weight", shape: [1, 1]), [2]),
                (.init("momentum", shape: [1]), [3]),
            ])
        let extra = #expect(throws: ModelError.self) { try CTRModel(safetensors: bytes) }
        #expect(extra?.message == "tensor 'momentum' is not part of the architecture")
    }

    @Test(arguments: [
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 4, "outside the file's data"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 4, "needs 8"),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 8, "outside the file's data"),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#, 8, "outside the file's data"),
        (#"{"a":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}}"#, 4, "impossible shape"),
        (#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#, 0, "impossible shape"),
        (#"{"a":{"dtype":"Q4","shape":[1],"data_offsets":[0,5]}}"#, 4, "lies outside"),
        (#"{"a":{"dtype":"Q4","shape":[4294967296,4294967296],"data_offsets":[0,4]}}"#, 4, "impossible shape"),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#, 4, "two data offsets"),
        (#"{"a":{"dtype":"F32","shape":[1]}}"#, 4, "header.a.data_offsets is missing"),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, "does not start where"),
        (
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#,
            12, "does not start where"
        ),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 8, "the tensors end at"),
        (#"{"__metadata__":{"a":1}}"#, 0, "header.__metadata__.a must be a text"),
        (
            #"{"a.b":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}"#, 4,
            #"header."a.b".shape[0] must be an integer"#
        ),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":0}}"#, 4, "header.a.x is not known"),
        (#"{"a":{},"a":{}}"#, 0, #"the header is not JSON: the key "a" stands twice (byte 8)"#),
        ("[]", 0, "header must be an object"), (#"{"a""#, 0, "the header is not JSON: a colon is missing"),
    ])
    func `a header that does not fit its data is refused in words`(header: String, dataBytes: Int, words: String) {
        let bytes =
            withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + Array(header.utf8)
            + [UInt8](repeating: 0, count: dataBytes)
        let error = #expect(throws: ModelError.self) { try SafetensorsFile(bytes) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test func `an architecture larger than its file is refused before memory is taken`() {
        // 960 GiB, which is fewer than the numbers that a model may have.
        let fields = (0..<30).map {
            Architecture.Field(name: "f\($0)", kind: .categorical, rows: Int(Int32.max))
        }
        let architecture = Architecture(kind: .deepfm, fields: fields, embeddingDimension: 4, hiddenSizes: [65536])
        let bytes = Self.file(
            metadata: [CTRModel.architectureKey: architecture.json], [(.init("bias", shape: [1]), [0])])
        let error = #expect(throws: ModelError.self) { try CTRModel(safetensors: bytes) }
        #expect(error?.message == "tensor 'fields.f0.embedding' is missing")
    }

    @Test func `an empty file of tensors, and tensors without elements, are fine`() throws {
        #expect(try SafetensorsFile([2, 0, 0, 0, 0, 0, 0, 0] + Array("{}".utf8)).tensors.isEmpty)
        let file = try SafetensorsFile(Self.file([(.init("a", shape: [0, 3]), []), (.init("b", shape: []), [4])]))
        #expect(try file.floats("a") == [] && file.floats("b") == [4])
    }
}

extension [UInt8] {
    /// The bytes with the first occurrence of an ASCII text replaced by another of the same length.
    fileprivate func replacing(_ text: String, by other: String) -> [UInt8] {
        precondition(text.utf8.count == other.utf8.count)
        var result = self
        for start in indices.dropLast(text.utf8.count) where self[start...].starts(with: text.utf8) {
            result.replaceSubrange(start..<start + text.utf8.count, with: other.utf8)
            break
        }
        return result
    }
}
