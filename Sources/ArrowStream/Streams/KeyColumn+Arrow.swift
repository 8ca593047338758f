import Samples

extension KeyColumn {
    /// The keys as a column; no copy.
    var arrowColumn: ArrowColumn {
        switch self {
        case .integers(let values): ArrowColumn(.int64(values))
        case .text(let values): ArrowColumn(.text(values))
        }
    }
}

extension KeyColumn.Kind {
    /// The type of a column of such keys.
    var arrowType: ArrowType {
        switch self {
        case .integer: .integer(.int64)
        case .text: .utf8
        }
    }
}
