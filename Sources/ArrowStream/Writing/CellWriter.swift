import Samples

/// Writes single values of one column as text.
struct CellWriter {
    private let column: ArrowColumn
    private let type: ArrowType
    private let style: ArrowTextEncoder.Style

    init(_ column: ArrowColumn, _ type: ArrowType, _ style: ArrowTextEncoder.Style) {
        self.column = column
        self.type = type
        self.style = style
    }

    /// Appends the value of `row`.
    func append(_ row: Int, to line: inout [UInt8]) {
        if column.isNull(row) {
            if style == .jsonLines { line += "null".utf8 }
            return
        }
        switch column.values {
        case .null: break
        case .bool(let values): line += (values[row] ? "true" : "false").utf8
        case .int8(let values): line += String(values[row]).utf8
        case .int16(let values): line += String(values[row]).utf8
        case .int32(let values): line += String(values[row]).utf8
        case .int64(let values): appendInt64(values[row], to: &line)
        case .uint8(let values): line += String(values[row]).utf8
        case .uint16(let values): line += String(values[row]).utf8
        case .uint32(let values): line += String(values[row]).utf8
        case .uint64(let values): line += String(values[row]).utf8
        case .float32(let values): append(values[row], to: &line)
        case .float64(let values): append(values[row], to: &line)
        case .text(let values): append(text: values.utf8(row), to: &line)
        case .list(let offsets, let items):
            guard case .list(let itemType) = type.smallList else { return }
            let cell = CellWriter(items, itemType, .jsonLines)
            var list: [UInt8] = [UInt8(ascii: "[")]
            for item in offsets[row]..<offsets[row + 1] {
                if item > offsets[row] { list.append(UInt8(ascii: ",")) }
                cell.append(Int(item), to: &list)
            }
            list.append(UInt8(ascii: "]"))
            if style == .csv { Self.appendCSV(list, to: &line) } else { line += list }
        case .dictionary(let indices, let values):
            guard case .dictionary(_, let valueType) = type else { return }
            CellWriter(values, valueType, style).append(Int(indices[row]), to: &line)
        }
    }

    private func appendInt64(_ value: Int64, to line: inout [UInt8]) {
        guard case .timestamp(let unit, let timezone) = type else {
            line += String(value).utf8
            return
        }
        let time = TimestampText.text(value, unit, isUTC: timezone != nil)
        if style == .jsonLines { line += "\"\(time)\"".utf8 } else { line += time.utf8 }
    }

    private func append(_ value: some BinaryFloatingPoint & CustomStringConvertible, to line: inout [UInt8]) {
        if style == .csv || value.isFinite { line += value.description.utf8 } else { line += "null".utf8 }
    }

    private func append(text: ArraySlice<UInt8>, to line: inout [UInt8]) {
        switch style {
        case .jsonLines: Self.appendJSON(text, to: &line)
        case .csv: Self.appendCSV(text, to: &line)
        }
    }

    /// Appends a JSON string with the escapes of RFC 8259.
    static func appendJSON(_ text: some Sequence<UInt8>, to line: inout [UInt8]) {
        line.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""): line += "\\\"".utf8
            case UInt8(ascii: "\\"): line += "\\\\".utf8
            case 0x08: line += "\\b".utf8
            case 0x09: line += "\\t".utf8
            case 0x0A: line += "\\n".utf8
            case 0x0C: line += "\\f".utf8
            case 0x0D: line += "\\r".utf8
            case 0x00..<0x20: line += "\\u00\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))".utf8
            default: line.append(byte)
            }
        }
        line.append(UInt8(ascii: "\""))
    }

    /// Appends a CSV field, in quotes where it needs them or is empty.
    static func appendCSV(_ text: some Collection<UInt8>, to line: inout [UInt8]) {
        let special: [UInt8] = [UInt8(ascii: ","), UInt8(ascii: "\""), 0x0A, 0x0D]
        guard text.isEmpty || text.contains(where: { special.contains($0) }) else {
            line += text
            return
        }
        line.append(UInt8(ascii: "\""))
        for byte in text {
            if byte == UInt8(ascii: "\"") { line.append(byte) }
            line.append(byte)
        }
        line.append(UInt8(ascii: "\""))
    }
}

extension ArrowType {
    /// A list's type without the width of its offsets.
    fileprivate var smallList: ArrowType {
        if case .largeList(let item) = self { .list(item) } else { self }
    }
}
