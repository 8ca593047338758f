import Samples

/// A feature's values while a batch, or a side table, is filled.
struct ColumnBuilder {
    private let kind: SampleSchema.Kind
    private var ids: [UInt32] = []
    /// Ends of the rows' lists in `ids`, after a 0; multi-valued features only.
    private var listEnds: [Int32] = [0]
    private var numbers: [Float] = []

    init(_ kind: SampleSchema.Kind) {
        self.kind = kind
    }

    /// Bytes held.
    var byteCount: Int { (ids.count + listEnds.count + numbers.count) * 4 }

    /// Appends a row of a categorical feature, or one more value of a multi-valued feature's row.
    @inline(__always)
    mutating func append(id: UInt32) { ids.append(id) }

    /// Appends rows of a categorical feature.
    mutating func append(ids new: [UInt32]) {
        if ids.isEmpty { ids = new } else { ids += new }
    }

    /// Ends the row of a multi-valued feature.
    @inline(__always)
    mutating func endList() { listEnds.append(Int32(ids.count)) }

    /// Appends a row of a dense feature.
    @inline(__always)
    mutating func append(number: Float) { numbers.append(number) }

    /// Throws the rows away.
    mutating func removeAll() {
        ids.removeAll(keepingCapacity: true)
        listEnds.removeLast(listEnds.count - 1)
        numbers.removeAll(keepingCapacity: true)
    }

    /// The rows so far; none are left.
    mutating func take() -> FeatureColumn {
        let rows = numbers.count + (kind == .multivalued ? listEnds.count : ids.count)
        defer {
            self = ColumnBuilder(kind)
            switch kind {
            case .categorical: ids.reserveCapacity(rows)
            case .multivalued: listEnds.reserveCapacity(rows)
            case .dense: numbers.reserveCapacity(rows)
            }
        }
        switch kind {
        case .categorical: return .categorical(ids)
        case .multivalued: return .multivalued(ListColumn(offsets: listEnds, values: ids))
        case .dense: return .dense(numbers)
        }
    }
}
