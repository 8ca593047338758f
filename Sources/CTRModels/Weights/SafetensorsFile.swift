import OrderedJSON

/// The bytes of a safetensors file, checked: named tensors and text metadata (format: huggingface/safetensors, README).
///
///     8 bytes     length of the header, little-endian
///     header      JSON: "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, and "__metadata__"
///     data        the tensors, little-endian, row-major, without gaps
///
/// Nothing in a file is believed before it is checked: lengths, overlaps, gaps, sizes against shapes.
public struct SafetensorsFile: Sendable {
    /// One tensor's place in the file.
    public struct Tensor: Sendable, Hashable {
        /// The name, unique in a file.
        public let name: String
        /// What one element is.
        public let type: ElementType
        /// Sizes, outermost first; empty for a single number.
        public let shape: [Int]
        /// Where the elements lie in the file's bytes.
        let bytes: Range<Int>

        /// Number of elements: the shape's product.
        public var count: Int { bytes.count / type.byteCount }
    }

    /// Element types by their names in the format.
    public enum ElementType: String, Sendable, Hashable, CaseIterable {
        /// Floating point.
        case float64 = "F64", float32 = "F32", float16 = "F16", bfloat16 = "BF16"
        /// Signed integers.
        case int64 = "I64", int32 = "I32", int16 = "I16", int8 = "I8"
        /// Unsigned integers.
        case uint64 = "U64", uint32 = "U32", uint16 = "U16", uint8 = "U8"
        /// One byte, 0 or 1.
        case bool = "BOOL"

        /// Bytes an element.
        public var byteCount: Int {
            switch self {
            case .float64, .int64, .uint64: 8
            case .float32, .int32, .uint32: 4
            case .float16, .bfloat16, .int16, .uint16: 2
            case .int8, .uint8, .bool: 1
            }
        }
    }

    /// The header's text metadata.
    public let metadata: [String: String]
    /// The tensors in the order of their data.
    public let tensors: [Tensor]
    private let bytes: [UInt8]
    private let places: [String: Int]

    // A header is some hundred bytes a tensor: no real model comes near this.
    private static let largestHeaderBytes = 16 << 20

    /// Checks a whole file's bytes. Cost: the header; the data is not read.
    public init(_ bytes: [UInt8]) throws(ModelError) {
        guard bytes.count >= 8 else { throw ModelError(.file, "not a safetensors file: shorter than 8 bytes") }
        let headerLength = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard headerLength <= Self.largestHeaderBytes else {
            throw ModelError(.file, "not a safetensors file: a header of \(headerLength) bytes")
        }
        let dataStart = 8 + Int(headerLength)
        guard dataStart <= bytes.count else {
            throw ModelError(
                .file, "truncated: the header ends at byte \(dataStart), the file at byte \(bytes.count)")
        }
        let header: SafetensorsHeader
        do throws(JSONError) {
            header = try SafetensorsHeader(bytes[8..<dataStart])
        } catch {
            throw ModelError(.file, error, in: "the header")
        }
        var tensors: [Tensor] = []
        for entry in header.entries { tensors.append(try Self.tensor(entry, dataStart: dataStart, end: bytes.count)) }
        tensors.sort { ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound) }
        var end = dataStart
        for tensor in tensors {
            guard tensor.bytes.lowerBound == end else {
                throw ModelError(.file, "tensor '\(tensor.name)' does not start where the one before it ends")
            }
            end = tensor.bytes.upperBound
        }
        guard end == bytes.count else {
            throw ModelError(.file, "the tensors end at byte \(end), the file at byte \(bytes.count)")
        }
        metadata = header.metadata
        self.tensors = tensors
        self.bytes = bytes
        places = Dictionary(uniqueKeysWithValues: tensors.indices.map { (tensors[$0].name, $0) })
    }

    private static func tensor(
        _ entry: SafetensorsHeader.Entry, dataStart: Int, end: Int
    ) throws(ModelError) -> Tensor {
        let (name, typeName) = (entry.name, entry.type)
        guard let type = ElementType(rawValue: typeName) else {
            throw ModelError(.tensor, "tensor '\(name)' is of unknown type '\(typeName)'")
        }
        var size = type.byteCount
        for length in entry.shape {
            let (product, overflow) = size.multipliedReportingOverflow(by: length)
            guard length >= 0, !overflow else {
                throw ModelError(.tensor, "tensor '\(name)' has an impossible shape")
            }
            size = product
        }
        guard entry.offsets.count == 2 else { throw ModelError(.file, "tensor '\(name)' needs two data offsets") }
        let (from, to) = (entry.offsets[0], entry.offsets[1])
        guard 0 <= from, from <= to, to <= end - dataStart else {
            throw ModelError(.file, "tensor '\(name)' lies outside the file's data")
        }
        guard to - from == size else {
            throw ModelError(
                .tensor,
                "tensor '\(name)' has \(to - from) bytes; its shape \(entry.shape) of \(typeName) needs \(size)")
        }
        return Tensor(name: name, type: type, shape: entry.shape, bytes: dataStart + from..<dataStart + to)
    }

    /// The tensor of this name; nil if there is none.
    public func tensor(_ name: String) -> Tensor? {
        places[name].map { tensors[$0] }
    }

    /// The elements of a float32 tensor, row-major, all finite.
    public func floats(_ name: String) throws(ModelError) -> [Float] {
        let tensor = try require(name, .float32)
        var result = [Float](repeating: 0, count: tensor.count)
        let isFinite = bytes.withUnsafeBytes { bytes in
            var isFinite = true
            for index in result.indices {
                let value = Self.float(bytes, at: tensor.bytes.lowerBound + 4 * index)
                isFinite = isFinite && value.isFinite
                result[index] = value
            }
            return isFinite
        }
        guard isFinite else { throw ModelError(.tensor, "tensor '\(name)' holds a number that is not finite") }
        return result
    }

    /// The elements of an int64 tensor, row-major.
    public func integers(_ name: String) throws(ModelError) -> [Int64] {
        let tensor = try require(name, .int64)
        return bytes.withUnsafeBytes { bytes in
            (0..<tensor.count).map { index in
                let start = tensor.bytes.lowerBound + 8 * index
                return Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: Int64.self))
            }
        }
    }

    private func require(_ name: String, _ type: ElementType) throws(ModelError) -> Tensor {
        guard let tensor = tensor(name) else { throw ModelError(.tensor, "tensor '\(name)' is missing") }
        guard tensor.type == type else {
            throw ModelError(.tensor, "tensor '\(name)' is of type \(tensor.type.rawValue), not \(type.rawValue)")
        }
        return tensor
    }

    @inline(__always)
    private static func float(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Float {
        Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    }
}
