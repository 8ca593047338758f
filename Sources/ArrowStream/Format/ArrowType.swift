/// The type of an Arrow column, as far as this module reads it.
///
/// `ArrowColumn.Values` says in what Swift array the values of each type are held.
public indirect enum ArrowType: Sendable, Hashable {
    /// Nothing but nulls.
    case null
    /// True or false.
    case bool
    /// An integer of a width of 8 to 64 bits.
    case integer(IntegerType)
    /// Half precision; held as `Float`.
    case float16
    /// Single precision.
    case float32
    /// Double precision.
    case float64
    /// UTF-8 text with 32-bit offsets.
    case utf8
    /// UTF-8 text with 64-bit offsets.
    case largeUTF8
    /// UTF-8 text as views into shared buffers.
    case utf8View
    /// Ticks of `unit` since 1970-01-01. With a time zone they count from midnight UTC; without one, of a clock unknown.
    case timestamp(TimeUnit, timezone: String?)
    /// Lists with 32-bit offsets.
    case list(ArrowType)
    /// Lists with 64-bit offsets.
    case largeList(ArrowType)
    /// Indices into a table of distinct values.
    case dictionary(index: IntegerType, value: ArrowType)

    /// Widths and signs of integers.
    public enum IntegerType: String, Sendable, Hashable, CaseIterable {
        case int8, int16, int32, int64, uint8, uint16, uint32, uint64

        /// 8, 16, 32 or 64.
        public var bits: Int {
            switch self {
            case .int8, .uint8: 8
            case .int16, .uint16: 16
            case .int32, .uint32: 32
            case .int64, .uint64: 64
            }
        }

        /// Whether values may be negative.
        public var isSigned: Bool {
            switch self {
            case .int8, .int16, .int32, .int64: true
            case .uint8, .uint16, .uint32, .uint64: false
            }
        }
    }

    /// How long a timestamp's tick is.
    public enum TimeUnit: String, Sendable, Hashable, CaseIterable {
        case second = "s"
        case millisecond = "ms"
        case microsecond = "us"
        case nanosecond = "ns"

        /// 1, 1,000, 1,000,000 or 1,000,000,000.
        public var ticksPerSecond: Int64 {
            switch self {
            case .second: 1
            case .millisecond: 1000
            case .microsecond: 1_000_000
            case .nanosecond: 1_000_000_000
            }
        }
    }
}

extension ArrowType: CustomStringConvertible {
    /// The type as error messages show it, such as `list<uint32>` or `timestamp[ms, UTC]`.
    public var description: String {
        switch self {
        case .null: "null"
        case .bool: "bool"
        case .integer(let type): type.rawValue
        case .float16: "float16"
        case .float32: "float32"
        case .float64: "float64"
        case .utf8: "utf8"
        case .largeUTF8: "large_utf8"
        case .utf8View: "utf8_view"
        case .timestamp(let unit, let timezone): "timestamp[\(unit.rawValue)\(timezone.map { ", \($0)" } ?? "")]"
        case .list(let item): "list<\(item)>"
        case .largeList(let item): "large_list<\(item)>"
        case .dictionary(let index, let value): "dictionary<\(index.rawValue), \(value)>"
        }
    }
}
