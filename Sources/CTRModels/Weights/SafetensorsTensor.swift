/// One tensor of a safetensors file: its name, element type, shape and place.
public struct SafetensorsTensor: Sendable, Hashable {
    /// Element types that can be read, by their names in the format.
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

    /// The name, unique in a file.
    public let name: String
    /// What one element is, as the file names it: `F32`, `F8_E4M3`.
    public let typeName: String
    /// Sizes, outermost first; empty for a single number.
    public let shape: [Int]
    /// Number of elements: the shape's product.
    public let count: Int
    /// Where the elements lie in the file's bytes.
    let bytes: Range<Int>

    /// What one element is; nil for a type that cannot be read.
    public var type: ElementType? { ElementType(rawValue: typeName) }
}

extension SafetensorsTensor.ElementType {
    /// Whether numbers of this type are read as float32.
    public var isFloatingPoint: Bool { [.float64, .float32, .float16, .bfloat16].contains(self) }
}
