/// Writes Arrow batches as lines for people to read: JSON lines, or CSV with a header.
///
/// Dictionaries are decoded. Timestamps are ISO 8601 with milliseconds, cut and not rounded; in UTC with a `Z`, without it
/// where the column has no time zone. Floats are the shortest text that reads back the same.
///
/// | | JSON lines | CSV |
/// | --- | --- | --- |
/// | null | `null` | nothing |
/// | empty text | `""` | `""` |
/// | infinite, not a number | `null` | `inf`, `-inf`, `nan` |
/// | list | array | the array's JSON as text |
///
/// CSV follows RFC 4180, with lines that end in a line feed alone.
public struct ArrowTextEncoder: Sendable {
    /// The two kinds of line.
    public enum Style: Sendable, Hashable {
        /// An object a row, its keys the columns' names.
        case jsonLines
        /// Comma-separated values.
        case csv
    }

    private let schema: ArrowSchema
    private let style: Style
    /// What stands before each column's value: in JSON its key.
    private let leads: [[UInt8]]

    /// An encoder for batches of `schema`.
    public init(schema: ArrowSchema, style: Style) {
        self.schema = schema
        self.style = style
        leads = schema.fields.enumerated().map { index, field in
            switch style {
            case .csv: return index == 0 ? [] : Array(",".utf8)
            case .jsonLines:
                var lead = Array((index == 0 ? "" : ",").utf8)
                CellWriter.appendJSON(field.name.utf8, to: &lead)
                return lead + Array(":".utf8)
            }
        }
    }

    /// The header of CSV; nothing for JSON lines.
    public func start() -> [UInt8] {
        guard style == .csv else { return [] }
        var line: [UInt8] = []
        for (lead, field) in zip(leads, schema.fields) {
            line += lead
            CellWriter.appendCSV(field.name.utf8, to: &line)
        }
        return line + Array("\n".utf8)
    }

    /// A line for each of some rows; nil: of all.
    public func encode(_ batch: ArrowBatch, rows: Range<Int>? = nil) -> [UInt8] {
        precondition(batch.schema == schema, "a stream has one schema")
        let cells = zip(batch.columns, schema.fields).map { CellWriter($0, $1.type, style) }
        var lines: [UInt8] = []
        for row in rows ?? 0..<batch.count {
            if style == .jsonLines { lines.append(UInt8(ascii: "{")) }
            for (lead, cell) in zip(leads, cells) {
                lines += lead
                cell.append(row, to: &lines)
            }
            if style == .jsonLines { lines.append(UInt8(ascii: "}")) }
            lines.append(UInt8(ascii: "\n"))
        }
        return lines
    }

    /// Nothing: lines have no end marker.
    public func end() -> [UInt8] { [] }
}
