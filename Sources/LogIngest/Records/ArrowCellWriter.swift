import ArrowStream
import Samples

/// Writes single values of an Arrow column as the text that a log would hold.
///
/// | | text |
/// | --- | --- |
/// | null | nothing |
/// | integer | decimal |
/// | float | the shortest that reads back: `5`, `0.1`, `1e+22`, `inf`, `nan` |
/// | boolean | `1` or `0` |
/// | text | itself |
/// | timestamp | milliseconds since 1970, rounded down |
/// | list | its items, those of lists in it included and nulls left out, with U+001F between them |
/// | dictionary | the value |
struct ArrowCellWriter {
    /// Why a value cannot be text.
    enum Fault: Error {
        case tooLong
        case timeOutOfRange
        case separatorInItem

        /// What is wrong, for a person.
        func message(mostRecordBytes: Int) -> String {
            switch self {
            case .tooLong: "the row is longer than \(mostRecordBytes) bytes"
            case .timeOutOfRange: "the time does not fit 64 bits as milliseconds"
            case .separatorInItem: "an item of the list holds U+001F, which stands between items"
            }
        }
    }

    private let column: ArrowColumn
    private let type: ArrowType

    init(_ column: ArrowColumn, _ type: ArrowType) {
        self.column = column
        self.type = type
    }

    /// Appends the value of `row`, if `bytes` then holds at most `limit`.
    func append(_ row: Int, to bytes: inout [UInt8], upTo limit: Int) throws(Fault) {
        switch (column.values, type) {
        case (.list, _):
            var isFirst = true
            try appendItems(row, to: &bytes, upTo: limit, isFirst: &isFirst)
        case (.dictionary(let indices, let values), .dictionary(_, let valueType)):
            if column.isNull(row) { return }
            try ArrowCellWriter(values, valueType).append(Int(indices[row]), to: &bytes, upTo: limit)
        default:
            if column.isNull(row) { return }
            try appendScalar(row, to: &bytes, upTo: limit)
        }
        if bytes.count > limit { throw .tooLong }
    }

    private func appendScalar(_ row: Int, to bytes: inout [UInt8], upTo limit: Int) throws(Fault) {
        switch column.values {
        case .bool(let values): bytes.append(UInt8(ascii: values[row] ? "1" : "0"))
        case .int8(let values): Self.append(values[row], to: &bytes)
        case .int16(let values): Self.append(values[row], to: &bytes)
        case .int32(let values): Self.append(values[row], to: &bytes)
        case .int64(let values):
            if case .timestamp(let unit, _) = type {
                Self.append(try Self.milliseconds(values[row], unit), to: &bytes)
            } else {
                Self.append(values[row], to: &bytes)
            }
        case .uint8(let values): Self.append(values[row], to: &bytes)
        case .uint16(let values): Self.append(values[row], to: &bytes)
        case .uint32(let values): Self.append(values[row], to: &bytes)
        case .uint64(let values): Self.append(values[row], to: &bytes)
        case .float32(let values): Self.append(float: values[row].description, to: &bytes)
        case .float64(let values): Self.append(float: values[row].description, to: &bytes)
        case .text(let values):
            let text = values.utf8(row)
            // Before it is copied: one row may hold gigabytes.
            if text.count > limit - bytes.count { throw .tooLong }
            bytes.append(contentsOf: text)
        case .null, .list, .dictionary: break
        }
    }

    /// Appends the items of a list, or of what a list holds.
    private func appendItems(_ row: Int, to bytes: inout [UInt8], upTo limit: Int, isFirst: inout Bool) throws(Fault) {
        if column.isNull(row) { return }
        switch (column.values, type) {
        // Nothing but nulls, of which no byte bounds the number.
        case (.list, .list(.null)), (.list, .largeList(.null)): break
        case (.list(let offsets, let items), .list(let itemType)),
            (.list(let offsets, let items), .largeList(let itemType)):
            let writer = ArrowCellWriter(items, itemType)
            for item in offsets[row]..<offsets[row + 1] {
                try writer.appendItems(Int(item), to: &bytes, upTo: limit, isFirst: &isFirst)
            }
        case (.dictionary(let indices, let values), .dictionary(_, let valueType)):
            try ArrowCellWriter(values, valueType).appendItems(
                Int(indices[row]), to: &bytes, upTo: limit, isFirst: &isFirst)
        default:
            if !isFirst { bytes.append(JSONLineParser.itemSeparator) }
            isFirst = false
            let start = bytes.count
            try append(row, to: &bytes, upTo: limit)
            if bytes[start...].contains(JSONLineParser.itemSeparator) { throw .separatorInItem }
        }
    }

    private static func milliseconds(_ ticks: Int64, _ unit: ArrowType.TimeUnit) throws(Fault) -> Int64 {
        if unit == .second {
            let (milliseconds, isTooFar) = ticks.multipliedReportingOverflow(by: 1000)
            if isTooFar { throw .timeOutOfRange }
            return milliseconds
        }
        let (quotient, remainder) = ticks.quotientAndRemainder(dividingBy: unit.ticksPerSecond / 1000)
        return remainder < 0 ? quotient - 1 : quotient
    }

    private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        var rest = value.magnitude
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        let start = bytes.count
        repeat {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit))
            rest = quotient
        } while rest > 0
        bytes[start...].reverse()
    }

    /// Appends Swift's text of a float, which is the shortest but for `.0` behind whole numbers.
    private static func append(float text: String, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: text.utf8)
        if bytes.suffix(2).elementsEqual(".0".utf8) { bytes.removeLast(2) }
    }
}
