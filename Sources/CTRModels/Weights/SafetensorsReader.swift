import OrderedJSON

/// A safetensors file read piece by piece: named tensors and text metadata (format: huggingface/safetensors, README).
///
///     8 bytes     length of the header, little-endian
///     header      JSON: "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, and "__metadata__"
///     data        the tensors, little-endian, row-major, without gaps
///
/// Bytes come through a closure, so that a file larger than memory can be read, and its errors are the caller's own
/// type. Nothing in a file is believed before it is checked: lengths, overlaps, gaps, sizes against shapes. No
/// allocation is larger than the bytes that are there for it.
///
///     let file = try SafetensorsReader(
///         byteCount: size, refuse: { StageError($0, file: path) },
///         read: { offset, count throws(StageError) in try source.bytes(at: offset, count: count) })
///     for start in stride(from: 0, to: tensor.count, by: 65536) {
///         let values = try file.floats(of: tensor, elements: start..<min(start + 65536, tensor.count))
///     }
public struct SafetensorsReader<Failure: Error>: Sendable {
    /// Exactly `count` bytes from `offset` on; may be called from any thread that the reader is used on.
    public typealias Source = @Sendable (_ offset: Int, _ count: Int) throws(Failure) -> [UInt8]

    /// The header's text metadata.
    public let metadata: [String: String]
    /// The tensors in the order of their data.
    public let tensors: [SafetensorsTensor]
    private let places: [String: Int]
    private let refusal: @Sendable (ModelError) -> Failure
    private let source: Source

    // A header is some hundred bytes a tensor: no real model comes near this.
    private static var largestHeaderBytes: Int { 16 << 20 }

    /// Reads and checks the header of a file. The data is not read.
    ///
    /// - Parameters:
    ///   - byteCount: the whole file's size.
    ///   - refuse: makes the caller's error of what is wrong with the file.
    ///   - read: reads the file.
    public init(
        byteCount: Int, refuse: @escaping @Sendable (ModelError) -> Failure, read: @escaping Source
    ) throws(Failure) {
        guard byteCount >= 8 else { throw refuse(ModelError(.file, "not a safetensors file: shorter than 8 bytes")) }
        func bytes(at offset: Int, count: Int) throws(Failure) -> [UInt8] {
            let bytes = try read(offset, count)
            guard bytes.count == count else { throw refuse(.truncated(at: offset + bytes.count)) }
            return bytes
        }
        let headerLength = try bytes(at: 0, count: 8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard headerLength <= Self.largestHeaderBytes else {
            throw refuse(ModelError(.file, "not a safetensors file: a header of \(headerLength) bytes"))
        }
        let dataStart = 8 + Int(headerLength)
        guard dataStart <= byteCount else {
            throw refuse(
                ModelError(.file, "truncated: the header ends at byte \(dataStart), the file at byte \(byteCount)"))
        }
        let json = try bytes(at: 8, count: Int(headerLength))
        let header: SafetensorsHeader
        do throws(ModelError) {
            header = try SafetensorsHeader(json, dataStart: dataStart, end: byteCount)
        } catch {
            throw refuse(error)
        }
        metadata = header.metadata
        tensors = header.tensors
        places = Dictionary(uniqueKeysWithValues: header.tensors.indices.map { (header.tensors[$0].name, $0) })
        refusal = refuse
        source = read
    }

    /// The tensor of this name; nil if there is none.
    public func tensor(_ name: String) -> SafetensorsTensor? {
        places[name].map { tensors[$0] }
    }

    /// The caller's error of what is wrong with the file.
    public func refuse(_ error: ModelError) -> Failure { refusal(error) }

    /// Some elements of a tensor of floating point, row-major, as float32, all finite.
    ///
    /// Float64 is rounded to the nearest; one too large for float32 is refused.
    public func floats(of tensor: SafetensorsTensor, elements: Range<Int>) throws(Failure) -> [Float] {
        guard let type = tensor.type, type.isFloatingPoint else {
            throw refuse(
                ModelError(.tensor, "tensor '\(tensor.name)' is of type \(tensor.typeName), not of floating point"))
        }
        let bytes = try bytes(of: tensor, elements: elements, byteCount: type.byteCount)
        let count = elements.count
        let values: [Float] = bytes.withUnsafeBytes { bytes in
            switch type {
            case .float32:
                bytes.decode(count) { Float(bitPattern: UInt32(littleEndian: $0)) }
            case .float64:
                bytes.decode(count) { Float(Double(bitPattern: UInt64(littleEndian: $0))) }
            case .bfloat16:
                bytes.decode(count) { Float(bitPattern: UInt32(UInt16(littleEndian: $0)) << 16) }
            case .float16:
                bytes.decode(count) { Float(halfBits: UInt16(littleEndian: $0)) }
            default: preconditionFailure("a type of floating point that is not read")
            }
        }
        guard values.allFinite else {
            throw refuse(ModelError(.tensor, "tensor '\(tensor.name)' holds a number that is not finite"))
        }
        return values
    }

    /// Some elements of an int64 tensor, row-major.
    public func integers(of tensor: SafetensorsTensor, elements: Range<Int>) throws(Failure) -> [Int64] {
        try require(tensor, .int64)
        let bytes = try bytes(
            of: tensor, elements: elements, byteCount: SafetensorsTensor.ElementType.int64.byteCount)
        return bytes.withUnsafeBytes { $0.decode(elements.count) { Int64(littleEndian: $0) } }
    }

    /// All elements of a float32 tensor, row-major, all finite.
    public func floats(_ name: String) throws(Failure) -> [Float] {
        let tensor = try require(name)
        try require(tensor, .float32)
        return try floats(of: tensor, elements: 0..<tensor.count)
    }

    /// All elements of an int64 tensor, row-major.
    public func integers(_ name: String) throws(Failure) -> [Int64] {
        let tensor = try require(name)
        return try integers(of: tensor, elements: 0..<tensor.count)
    }

    private func bytes(
        of tensor: SafetensorsTensor, elements: Range<Int>, byteCount size: Int
    ) throws(Failure) -> [UInt8] {
        precondition(elements.lowerBound >= 0 && elements.upperBound <= tensor.count, "elements outside the tensor")
        let start = tensor.bytes.lowerBound + elements.lowerBound * size
        if elements.isEmpty { return [] }
        let bytes = try source(start, elements.count * size)
        guard bytes.count == elements.count * size else { throw refuse(.truncated(at: start + bytes.count)) }
        return bytes
    }

    private func require(_ name: String) throws(Failure) -> SafetensorsTensor {
        guard let tensor = tensor(name) else { throw refuse(ModelError(.tensor, "tensor '\(name)' is missing")) }
        return tensor
    }

    /// That a tensor is of this type.
    func require(_ tensor: SafetensorsTensor, _ type: SafetensorsTensor.ElementType) throws(Failure) {
        guard tensor.type == type else {
            throw refuse(
                ModelError(
                    .tensor, "tensor '\(tensor.name)' is of type \(tensor.typeName), not \(type.rawValue)"))
        }
    }
}

/// A safetensors file whose bytes are in memory.
public typealias SafetensorsFile = SafetensorsReader<ModelError>

extension SafetensorsReader<ModelError> {
    /// Checks a whole file's bytes. Cost: the header; the data is not read.
    public init(_ bytes: [UInt8]) throws(ModelError) {
        try self.init(byteCount: bytes.count, refuse: { $0 }) { offset, count throws(ModelError) in
            Array(bytes[offset..<offset + count])
        }
    }
}

extension ModelError {
    fileprivate static func truncated(at byte: Int) -> ModelError {
        ModelError(.file, "truncated at byte \(byte)")
    }
}

extension UnsafeRawBufferPointer {
    /// `count` little-endian words, each made a value.
    @inline(__always)
    fileprivate func decode<Word: FixedWidthInteger & BitwiseCopyable, Value>(
        _ count: Int, _ value: (Word) -> Value
    ) -> [Value] {
        [Value](unsafeUninitializedCapacity: count) { result, written in
            for index in 0..<count {
                let word = loadUnaligned(fromByteOffset: index * MemoryLayout<Word>.size, as: Word.self)
                result.initializeElement(at: index, to: value(word))
            }
            written = count
        }
    }
}

extension [Float] {
    fileprivate var allFinite: Bool {
        var result = true
        for value in self { result = result && value.isFinite }
        return result
    }
}

extension Float {
    /// The value of an IEEE 754 binary16 number. (`Float16` does not exist on every platform.)
    init(halfBits bits: UInt16) {
        let sign = UInt32(bits & 0x8000) << 16
        let exponent = UInt32(bits >> 10 & 0x1f)
        let fraction = UInt32(bits & 0x3ff)
        switch exponent {
        case 0:
            let magnitude = Float(fraction) * 0x1p-24
            self = sign == 0 ? magnitude : -magnitude
        case 0x1f: self.init(bitPattern: sign | 0x7f80_0000 | fraction << 13)
        default: self.init(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
        }
    }
}
