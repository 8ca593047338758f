import OrderedJSON

/// Writes a safetensors file piece by piece: header first, then the tensors' values in the order declared.
///
/// Bytes go to a closure in pieces of some 100 KiB, never the whole file, and its errors are the caller's own type. The
/// same metadata, tensors and values give the same bytes. The header is padded with spaces so that the data starts at a
/// multiple of 8.
///
///     var writer = try SafetensorsWriter(
///         metadata: ["step": "100"],
///         tensors: [.init("momentum", shape: [rows, 16]), .init("seen", shape: [rows], type: .int64)],
///         write: { bytes throws(StageError) in try file.write(bytes) })
///     for row in 0..<rows { try writer.append(momentum[row]) }
///     try writer.append(integers: seen[...])
///     try writer.finish()
public struct SafetensorsWriter<Failure: Error> {
    /// A tensor to come.
    public struct Declaration: Sendable, Hashable {
        /// The name, unique in a file.
        public let name: String
        /// What one element is: float32 or int64.
        public let type: SafetensorsTensor.ElementType
        /// Sizes, outermost first; empty for a single number.
        public let shape: [Int]

        /// A tensor of this name and shape. `type` is float32 or int64.
        public init(_ name: String, shape: [Int], type: SafetensorsTensor.ElementType = .float32) {
            precondition(type == .float32 || type == .int64, "a tensor is written as float32 or int64")
            self.name = name
            self.shape = shape
            self.type = type
        }

        fileprivate var byteCount: Int { shape.reduce(type.byteCount, *) }
    }

    private static var pieceBytes: Int { 128 << 10 }

    private let write: (_ bytes: [UInt8]) throws(Failure) -> Void
    private var piece: [UInt8] = []
    /// The tensors whose values are still to come, last first, and the bytes that the last of these lacks.
    private var waiting: [Declaration]
    private var lacking: Int

    /// Writes the header. `tensors` have different names, none of them `__metadata__`.
    public init(
        metadata: [String: String], tensors: [Declaration],
        write: @escaping (_ bytes: [UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        self.write = write
        waiting = tensors.reversed()
        lacking = tensors.first?.byteCount ?? 0
        piece.reserveCapacity(Self.pieceBytes)
        let header = Self.header(metadata: metadata, tensors: tensors)
        withUnsafeBytes(of: UInt64(header.count).littleEndian) { piece.append(contentsOf: $0) }
        piece += header
        try flush(whenLongerThan: Self.pieceBytes)
    }

    private static func header(metadata: [String: String], tensors: [Declaration]) -> [UInt8] {
        var members: [JSONValue.Member] = []
        let entries = metadata.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, .string($0.value)) }
        if !entries.isEmpty { members.append(JSONValue.Member("__metadata__", .object(entries))) }
        var end = 0
        for tensor in tensors {
            let start = end
            end += tensor.byteCount
            members.append(
                JSONValue.Member(
                    tensor.name,
                    .object([
                        "dtype": .string(tensor.type.rawValue), "shape": .array(tensor.shape.map { .integer($0) }),
                        "data_offsets": .array([.integer(start), .integer(end)]),
                    ])))
        }
        var header = Array(JSONValue.object(members).text(.oneLine).utf8)
        while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
        return header
    }

    /// Appends the next values of the float32 tensor whose turn it is, row-major.
    public mutating func append(_ values: ArraySlice<Float>) throws(Failure) {
        try append(values, of: .float32) { $0.bitPattern.littleEndian }
    }

    /// Appends the next values of the int64 tensor whose turn it is, row-major.
    public mutating func append(integers values: ArraySlice<Int64>) throws(Failure) {
        try append(values, of: .int64) { $0.littleEndian }
    }

    private mutating func append<Value, Word: BitwiseCopyable>(
        _ values: ArraySlice<Value>, of type: SafetensorsTensor.ElementType, _ word: (Value) -> Word
    ) throws(Failure) {
        passFilledTensors()
        let size = values.count * type.byteCount
        if size == 0 { return }
        precondition(
            waiting.last?.type == type && size <= lacking, "values that the declared tensors have no place for")
        lacking -= size
        var rest = values
        while !rest.isEmpty {
            let part = rest.prefix(max(1, (Self.pieceBytes - piece.count) / type.byteCount))
            rest = rest.dropFirst(part.count)
            #if _endian(little)
            part.withUnsafeBytes { piece.append(contentsOf: $0) }
            #else
            for value in part { withUnsafeBytes(of: word(value)) { piece.append(contentsOf: $0) } }
            #endif
            try flush(whenLongerThan: Self.pieceBytes - 8)
        }
    }

    /// Writes what is left. Every declared value has been appended.
    public consuming func finish() throws(Failure) {
        passFilledTensors()
        precondition(waiting.isEmpty, "the values do not fill the declared shapes")
        try flush(whenLongerThan: 0)
    }

    private mutating func passFilledTensors() {
        while lacking == 0, !waiting.isEmpty {
            waiting.removeLast()
            lacking = waiting.last?.byteCount ?? 0
        }
    }

    private mutating func flush(whenLongerThan count: Int) throws(Failure) {
        guard piece.count > count else { return }
        try write(piece)
        piece.removeAll(keepingCapacity: true)
    }
}
