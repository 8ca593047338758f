import OrderedJSON

/// Builds the bytes of a safetensors file of float32 tensors: header first, then their values in the order declared.
///
/// The same metadata and tensors give the same bytes. The header is padded with spaces so that the data starts at a
/// multiple of 8.
struct SafetensorsWriter {
    private var bytes: [UInt8]
    private let size: Int

    /// Writes the header. `tensors` have different names.
    init(metadata: [String: String], tensors: [(name: String, shape: [Int])]) {
        var members: [JSONValue.Member] = []
        let entries = metadata.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, .string($0.value)) }
        if !entries.isEmpty { members.append(JSONValue.Member("__metadata__", .object(entries))) }
        var end = 0
        for tensor in tensors {
            let start = end
            end += tensor.shape.reduce(4, *)
            members.append(
                JSONValue.Member(
                    tensor.name,
                    .object([
                        "dtype": .string("F32"), "shape": .array(tensor.shape.map { .integer($0) }),
                        "data_offsets": .array([.integer(start), .integer(end)]),
                    ])))
        }
        var header = Array(JSONValue.object(members).text(.oneLine).utf8)
        while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
        size = 8 + header.count + end
        bytes = []
        bytes.reserveCapacity(size)
        withUnsafeBytes(of: UInt64(header.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes += header
    }

    /// Appends the next values, row-major.
    mutating func append(_ values: ArraySlice<Float>) {
        #if _endian(little)
        values.withUnsafeBytes { bytes.append(contentsOf: $0) }
        #else
        for value in values {
            withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
        }
        #endif
    }

    /// The whole file. Every declared value has been appended.
    consuming func finish() -> [UInt8] {
        precondition(bytes.count == size, "the values do not fill the declared shapes")
        return bytes
    }
}
