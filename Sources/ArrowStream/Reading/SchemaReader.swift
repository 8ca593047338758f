/// Reads the table `Schema` of a schema message.
struct SchemaReader {
    /// A column of the stream.
    enum Column {
        case read(ColumnLayout)
        case skipped(SkippedColumn)
    }

    /// The columns that are read, and notes.
    private(set) var schema = ArrowSchema(fields: [])
    /// The names of all columns.
    private(set) var columnNames: [String] = []
    /// How each of them lies in record batches.
    private(set) var columns: [Column] = []
    /// What the values of each dictionary are, by id.
    private(set) var dictionaries: [Int64: ColumnLayout] = [:]
    /// The ids of dictionaries that only columns passed over need.
    private(set) var skippedDictionaries: Set<Int64> = []

    /// Lists may hold lists, so deep and no deeper.
    private static let maximumDepth = 16

    /// Reads the columns that `wanted` names; nil: all.
    init(_ table: FlatBufferTable, wanted: Set<String>?) throws(FormatFault) {
        guard try table.integer(SchemaField.endianness, default: Int16(0)) == 0 else {
            throw FormatFault("the stream is big-endian, which is not read")
        }
        for field in try table.tables(SchemaField.fields) {
            let name = try field.string(FieldField.name) ?? ""
            columnNames.append(name)
            if let wanted, !wanted.contains(name) {
                let skipped = try SkippedColumn(field, column: name)
                columns.append(.skipped(skipped))
                skippedDictionaries.formUnion(skipped.dictionaryIDs)
                continue
            }
            let layout = try Self.layout(of: field, column: name, depth: 0)
            columns.append(.read(layout))
            schema.fields.append(
                ArrowField(
                    name: name, type: layout.type, isNullable: try field.bool(FieldField.isNullable),
                    metadata: try Self.keyValues(field, FieldField.metadata)))
            for (id, values) in layout.dictionaries() {
                if let other = dictionaries[id], other.type != values.type {
                    throw FormatFault(
                        "columns `\(other.column)` and `\(name)` share a dictionary, but not its type: "
                            + "\(other.type) and \(values.type)")
                }
                dictionaries[id] = values
            }
        }
        skippedDictionaries.subtract(dictionaries.keys)
        schema.metadata = try Self.keyValues(table, SchemaField.metadata)
    }

    /// A vector of `KeyValue` tables. Of equal keys the first counts.
    static func keyValues(_ table: FlatBufferTable, _ field: Int) throws(FormatFault) -> [String: String] {
        var result: [String: String] = [:]
        for pair in try table.tables(field) {
            let key = try pair.string(0) ?? ""
            let value = try pair.string(1) ?? ""
            if result[key] == nil { result[key] = value }
        }
        return result
    }

    private static func layout(
        of field: FlatBufferTable, column: String, depth: Int
    ) throws(FormatFault) -> ColumnLayout {
        guard depth <= maximumDepth else { throw FormatFault("column `\(column)` nests lists too deep") }
        let values = try valueLayout(of: field, column: column, depth: depth)
        guard let encoding = try field.table(FieldField.dictionary) else { return values }
        switch values.type {
        case .list, .largeList:
            // Each row could name the same long list: a small stream would be read as rows without end.
            throw FormatFault("column `\(column)` is a dictionary of lists, which is not read")
        default: break
        }
        let index: ArrowType.IntegerType =
            if let type = try encoding.table(1) { try integerType(type, column: column) } else { .int32 }
        return ColumnLayout(
            column: column, type: .dictionary(index: index, value: values.type),
            dictionaryID: try encoding.integer(0, default: Int64(0)), children: [values])
    }

    /// The layout of a field without its dictionary encoding.
    private static func valueLayout(
        of field: FlatBufferTable, column: String, depth: Int
    ) throws(FormatFault) -> ColumnLayout {
        let kind = try field.integer(FieldField.typeKind, default: UInt8(0))
        guard let type = try field.table(FieldField.type) else {
            throw FormatFault("column `\(column)` has no type")
        }
        switch kind {
        case TypeKind.null: return ColumnLayout(column: column, type: .null)
        case TypeKind.bool: return ColumnLayout(column: column, type: .bool)
        case TypeKind.utf8: return ColumnLayout(column: column, type: .utf8)
        case TypeKind.largeUTF8: return ColumnLayout(column: column, type: .largeUTF8)
        case TypeKind.utf8View: return ColumnLayout(column: column, type: .utf8View)
        case TypeKind.int:
            return ColumnLayout(column: column, type: .integer(try integerType(type, column: column)))
        case TypeKind.floatingPoint:
            let precisions: [ArrowType] = [.float16, .float32, .float64]
            let precision = Int(try type.integer(0, default: Int16(0)))
            guard precisions.indices.contains(precision) else {
                throw FormatFault("column `\(column)` has an unknown precision, \(precision)")
            }
            return ColumnLayout(column: column, type: precisions[precision])
        case TypeKind.timestamp:
            let units = ArrowType.TimeUnit.allCases
            let unit = Int(try type.integer(0, default: Int16(0)))
            guard units.indices.contains(unit) else {
                throw FormatFault("column `\(column)` has an unknown unit of time, \(unit)")
            }
            let timezone = try type.string(1)
            return ColumnLayout(
                column: column, type: .timestamp(units[unit], timezone: timezone == "" ? nil : timezone))
        case TypeKind.list, TypeKind.largeList:
            let children = try field.tables(FieldField.children)
            guard children.count == 1 else { throw FormatFault("column `\(column)` is a list without an item type") }
            let items = try layout(of: children[0], column: column, depth: depth + 1)
            return ColumnLayout(
                column: column, type: kind == TypeKind.list ? .list(items.type) : .largeList(items.type),
                children: [items])
        default:
            throw FormatFault("column `\(column)` has the type \(TypeKind.name(of: kind)), which is not read")
        }
    }

    private static func integerType(
        _ table: FlatBufferTable, column: String
    ) throws(FormatFault) -> ArrowType.IntegerType {
        let bits = try table.integer(0, default: Int32(0))
        let isSigned = try table.bool(1)
        guard let type = ArrowType.IntegerType.allCases.first(where: { $0.bits == bits && $0.isSigned == isSigned })
        else { throw FormatFault("column `\(column)` has integers of \(bits) bits, which are not read") }
        return type
    }
}
