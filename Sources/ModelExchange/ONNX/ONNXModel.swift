public import CTRModels

/// A model as ONNX, for serving: a graph of standard operators that computes its logits, weights within.
///
/// Inputs carry the fields' names: int64 [batch] for a categorical field, int64 [batch, n] padded with 0 for a list,
/// float [batch] for a dense one. Models that read a history also take `history_length`, int64 [batch]: how many
/// positions of the history inputs, int64 [batch, t] with t ≥ 1, are real; what follows them is not looked at, while an
/// id of 0 before keeps its place. Outputs, float [batch]: `logit` and its sigmoid, `probability`. Ids below 0 and ids
/// that a table does not have are 0, as everywhere. Dropout is for training and not there. Constants carry the names of
/// the model's tensors; the metadata holds the architecture under `plumb.architecture`.
///
///     let onnx = try ONNXModel(model)
///     onnx.write { bytes in file.append(bytes) }
public struct ONNXModel: Sendable {
    /// The version of the standard operators that the graph is made of.
    public static let opset = 17
    private static let irVersion = 8
    /// Protobuf's largest message.
    static let byteLimit = Int(Int32.max)
    private static let pieceBytes = 128 << 10

    /// Bytes of the whole file.
    public let byteCount: Int
    private let model: CTRModel
    /// Everything before the constants; a constant's head and what it is of; everything after.
    private let start: [UInt8]
    private let constants: [(head: [UInt8], content: ONNXGraph.Initializer.Content)]
    private let end: [UInt8]

    /// Builds the graph.
    ///
    /// - Throws: `limit` if the file would have more than 2³¹ - 1 bytes, the most that protobuf can hold; `name` if a
    ///   field is called as an output or a tensor is.
    public init(_ model: CTRModel) throws(ExchangeError) {
        try self.init(model, byteLimit: Self.byteLimit)
    }

    init(_ model: CTRModel, byteLimit: Int) throws(ExchangeError) {
        self.model = model
        let architecture = model.architecture
        for field in architecture.fields {
            guard !ONNXGraph.outputNames.contains(field.name), field.name != ONNXGraph.lengthName,
                !model.parameters.layout.tensors.contains(where: { $0.name == field.name })
            else {
                throw ExchangeError(.name, "an ONNX input cannot be named '\(field.name)': the graph needs that name")
            }
        }
        let graph = ONNXGraph(model)

        var start = ProtobufMessage()
        start.add(ONNXField.Model.irVersion, Self.irVersion)
        start.add(ONNXField.Model.producer, "plumb")
        var opset = ProtobufMessage()
        opset.add(ONNXField.Opset.version, Self.opset)
        start.add(ONNXField.Model.opset, opset)
        var entry = ProtobufMessage()
        entry.add(ONNXField.Entry.key, CTRModel.architectureKey)
        entry.add(ONNXField.Entry.value, architecture.json)
        start.add(ONNXField.Model.metadata, entry)

        var constants: [(head: [UInt8], content: ONNXGraph.Initializer.Content)] = []
        var constantBytes = 0
        for initializer in graph.initializers {
            let head = Self.head(of: initializer)
            constants.append((head, initializer.content))
            constantBytes += head.count + initializer.dataBytes
        }
        var graphStart = ProtobufMessage()
        graphStart.add(ONNXField.Graph.name, architecture.kind.rawValue)
        var graphEnd = ProtobufMessage()
        for node in graph.nodes { graphEnd.add(ONNXField.Graph.node, node) }
        for input in graph.inputs { graphEnd.add(ONNXField.Graph.input, input) }
        for output in graph.outputs { graphEnd.add(ONNXField.Graph.output, output) }
        start.addLength(ONNXField.Model.graph, graphStart.bytes.count + constantBytes + graphEnd.bytes.count)

        self.start = start.bytes + graphStart.bytes
        self.constants = constants
        end = graphEnd.bytes
        byteCount = self.start.count + constantBytes + end.count
        guard byteCount <= byteLimit else {
            throw ExchangeError(
                .limit, "the model has \(byteCount) bytes as ONNX, whose files hold at most \(byteLimit)")
        }
    }

    /// A constant's message up to its numbers, with the key and length by which it stands in the graph.
    private static func head(of initializer: ONNXGraph.Initializer) -> [UInt8] {
        typealias Field = ONNXField.Tensor
        var tensor = ProtobufMessage()
        for size in initializer.shape { tensor.add(Field.dimension, size) }
        tensor.add(Field.type, initializer.element.rawValue)
        tensor.add(Field.name, initializer.name)
        tensor.addLength(Field.raw, initializer.dataBytes)
        var head = ProtobufMessage()
        head.addLength(ONNXField.Graph.initializer, tensor.bytes.count + initializer.dataBytes)
        return head.bytes + tensor.bytes
    }

    /// Writes the file piece by piece, in pieces of some 100 KiB. Equal models give equal bytes.
    public func write<Failure>(to write: (_ bytes: [UInt8]) throws(Failure) -> Void) throws(Failure) {
        var piece = start
        func flush(_ piece: inout [UInt8], whenLongerThan count: Int) throws(Failure) {
            guard piece.count > count else { return }
            try write(piece)
            piece.removeAll(keepingCapacity: true)
        }
        for (head, content) in constants {
            piece += head
            switch content {
            case .floats(let values): piece.append(littleEndian: values[...])
            case .integers(let values):
                for value in values { withUnsafeBytes(of: value.littleEndian) { piece.append(contentsOf: $0) } }
            case .tensor(let tensor):
                switch tensor.place {
                case .dense(let range, _):
                    try flush(&piece, whenLongerThan: Self.pieceBytes)
                    for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.pieceBytes / 4) {
                        let end = min(start + Self.pieceBytes / 4, range.upperBound)
                        piece.append(littleEndian: model.parameters.dense[start..<end])
                        try flush(&piece, whenLongerThan: Self.pieceBytes)
                    }
                case .buffer(let range): piece.append(littleEndian: model.parameters.buffers[range])
                case .table(let index, let columns):
                    let table = model.parameters.tables[index]
                    for row in 0..<table.rows {
                        piece.append(littleEndian: table[row, columns])
                        try flush(&piece, whenLongerThan: Self.pieceBytes)
                    }
                }
            }
            try flush(&piece, whenLongerThan: Self.pieceBytes)
        }
        piece += end
        try flush(&piece, whenLongerThan: 0)
    }
}

extension [UInt8] {
    fileprivate mutating func append(littleEndian values: ArraySlice<Float>) {
        #if _endian(little)
        values.withUnsafeBytes { append(contentsOf: $0) }
        #else
        for value in values { Swift.withUnsafeBytes(of: value.bitPattern.littleEndian) { append(contentsOf: $0) } }
        #endif
    }
}
