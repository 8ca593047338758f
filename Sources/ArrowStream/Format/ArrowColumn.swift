public import Samples

/// The rows of one column as a typed Swift array, and which of them are null.
public struct ArrowColumn: Sendable, Hashable {
    /// The values; under a null stands any value of the type.
    public var values: Values
    /// False where a row is null, one entry a row; nil if no row is.
    public var validity: [Bool]?

    /// A column; `validity`, if given, has an entry a row.
    public init(_ values: Values, validity: [Bool]? = nil) {
        precondition(validity.map { $0.count == values.count } ?? true)
        self.values = values
        self.validity = validity
    }

    /// Number of rows.
    public var count: Int { values.count }

    /// Whether a row is null, in itself or because it names a dictionary's null.
    public func isNull(_ row: Int) -> Bool {
        if let validity, !validity[row] { return true }
        return switch values {
        case .null: true
        case .dictionary(let indices, let values): values.isNull(Int(indices[row]))
        default: false
        }
    }

    /// Number of rows whose own entry is null.
    var nullCount: Int {
        if case .null(let count) = values { return count }
        return validity.map { $0.count { !$0 } } ?? 0
    }

    /// Arrays by type. Timestamps are `int64`, half floats `float32`, all three kinds of text `text`.
    public indirect enum Values: Sendable, Hashable {
        /// A number of rows, all null.
        case null(Int)
        case bool([Bool])
        case int8([Int8])
        case int16([Int16])
        case int32([Int32])
        case int64([Int64])
        case uint8([UInt8])
        case uint16([UInt16])
        case uint32([UInt32])
        case uint64([UInt64])
        case float32([Float])
        case float64([Double])
        case text(TextColumn)
        /// Row `i` is `items[offsets[i]..<offsets[i + 1]]`. `offsets` has an entry more than there are rows, starts at 0,
        /// never falls and ends at `items.count`.
        case list(offsets: [Int32], items: ArrowColumn)
        /// Row `i` is `values[indices[i]]`. Each index of a row that is not null lies in `values`.
        case dictionary(indices: [Int32], values: ArrowColumn)

        /// Number of rows.
        public var count: Int {
            switch self {
            case .null(let count): count
            case .bool(let values): values.count
            case .int8(let values): values.count
            case .int16(let values): values.count
            case .int32(let values): values.count
            case .int64(let values): values.count
            case .uint8(let values): values.count
            case .uint16(let values): values.count
            case .uint32(let values): values.count
            case .uint64(let values): values.count
            case .float32(let values): values.count
            case .float64(let values): values.count
            case .text(let values): values.count
            case .list(let offsets, _): offsets.count - 1
            case .dictionary(let indices, _): indices.count
            }
        }
    }
}
