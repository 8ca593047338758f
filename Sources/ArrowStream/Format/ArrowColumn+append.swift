import Samples

extension ArrowColumn {
    /// Appends the rows of a column of the same type, in place: a delta of a dictionary.
    mutating func append(_ other: ArrowColumn) throws(FormatFault) {
        if validity != nil || other.validity != nil {
            var merged = validity ?? [Bool](repeating: true, count: count)
            merged += other.validity ?? [Bool](repeating: true, count: other.count)
            validity = merged
        }
        try values.append(other.values)
    }

    /// The rows of `range` as a column of their own.
    func slice(_ range: Range<Int>) -> ArrowColumn {
        range == 0..<count ? self : ArrowColumn(values.slice(range), validity: validity.map { Array($0[range]) })
    }
}

extension ArrowColumn.Values {
    // `consume` leaves the array with one owner, so that many small deltas do not each copy what came before.
    fileprivate mutating func append(_ other: ArrowColumn.Values) throws(FormatFault) {
        switch (consume self, other) {
        case (.null(let count), .null(let more)): self = .null(count + more)
        case (.bool(var values), .bool(let more)):
            values += more
            self = .bool(values)
        case (.int8(var values), .int8(let more)):
            values += more
            self = .int8(values)
        case (.int16(var values), .int16(let more)):
            values += more
            self = .int16(values)
        case (.int32(var values), .int32(let more)):
            values += more
            self = .int32(values)
        case (.int64(var values), .int64(let more)):
            values += more
            self = .int64(values)
        case (.uint8(var values), .uint8(let more)):
            values += more
            self = .uint8(values)
        case (.uint16(var values), .uint16(let more)):
            values += more
            self = .uint16(values)
        case (.uint32(var values), .uint32(let more)):
            values += more
            self = .uint32(values)
        case (.uint64(var values), .uint64(let more)):
            values += more
            self = .uint64(values)
        case (.float32(var values), .float32(let more)):
            values += more
            self = .float32(values)
        case (.float64(var values), .float64(let more)):
            values += more
            self = .float64(values)
        case (.text(var text), .text(let more)):
            let fits = text.bytes.count + more.bytes.count <= Int(Int32.max)
            if fits { text.append(contentsOf: 0..<more.count, of: more) }
            self = .text(text)
            if !fits { throw FormatFault("a dictionary grows beyond 2 GiB of text") }
        default:
            // The stream has failed, so nobody looks at the values again.
            self = other
            throw FormatFault("a delta for a dictionary of lists or of dictionaries is not read")
        }
    }

    fileprivate func slice(_ range: Range<Int>) -> ArrowColumn.Values {
        switch self {
        case .null: return .null(range.count)
        case .bool(let values): return .bool(Array(values[range]))
        case .int8(let values): return .int8(Array(values[range]))
        case .int16(let values): return .int16(Array(values[range]))
        case .int32(let values): return .int32(Array(values[range]))
        case .int64(let values): return .int64(Array(values[range]))
        case .uint8(let values): return .uint8(Array(values[range]))
        case .uint16(let values): return .uint16(Array(values[range]))
        case .uint32(let values): return .uint32(Array(values[range]))
        case .uint64(let values): return .uint64(Array(values[range]))
        case .float32(let values): return .float32(Array(values[range]))
        case .float64(let values): return .float64(Array(values[range]))
        case .text(let text):
            let first = text.offsets[range.lowerBound]
            let last = text.offsets[range.upperBound]
            return .text(
                TextColumn(
                    offsets: text.offsets[range.lowerBound...range.upperBound].map { $0 - first },
                    bytes: Array(text.bytes[Int(first)..<Int(last)])))
        case .list(let offsets, let items):
            let first = offsets[range.lowerBound]
            let last = offsets[range.upperBound]
            return .list(
                offsets: offsets[range.lowerBound...range.upperBound].map { $0 - first },
                items: items.slice(Int(first)..<Int(last)))
        case .dictionary(let indices, let values):
            return .dictionary(indices: Array(indices[range]), values: values)
        }
    }
}
