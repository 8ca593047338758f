/// Writes a schema message. A dictionary column's id is its index.
struct SchemaWriter {
    private var builder = FlatBufferBuilder()

    mutating func message(_ schema: ArrowSchema) -> [UInt8] {
        var fields: [FlatBufferBuilder.Offset] = []
        for (index, field) in schema.fields.enumerated() { fields.append(self.field(field, id: index)) }
        let list = builder.vector(fields)
        let metadata = keyValues(schema.metadata)
        let header = builder.table([.int16(0), .offset(list), metadata])
        return MessageFrame.bytes(&builder, kind: MessageKind.schema, header: header, body: [], metadata: [:])
    }

    private mutating func field(_ field: ArrowField, id: Int) -> FlatBufferBuilder.Offset {
        let name = builder.string(field.name)
        let metadata = keyValues(field.metadata)
        var type = field.type
        var encoding: FlatBufferBuilder.Value?
        if case .dictionary(let index, let value) = type {
            let indexType = integer(index)
            encoding = .offset(builder.table([.int64(Int64(id)), .offset(indexType), .bool(false)]))
            type = value
        }
        var items: [FlatBufferBuilder.Offset] = []
        if case .list(let item) = type { items.append(listItem(item)) }
        if case .largeList(let item) = type { items.append(listItem(item)) }
        let children = builder.vector(items)
        let (kind, table) = self.type(type)
        return builder.table([
            .offset(name), .bool(field.isNullable), .uint8(kind), .offset(table), encoding, .offset(children), metadata,
        ])
    }

    private mutating func listItem(_ type: ArrowType) -> FlatBufferBuilder.Offset {
        if case .dictionary = type { preconditionFailure("dictionaries within lists are not written") }
        return field(ArrowField(name: "item", type: type, isNullable: true), id: 0)
    }

    private mutating func keyValues(_ pairs: [String: String]) -> FlatBufferBuilder.Value? {
        pairs.isEmpty ? nil : .offset(MessageFrame.keyValues(pairs, &builder))
    }

    private mutating func integer(_ type: ArrowType.IntegerType) -> FlatBufferBuilder.Offset {
        builder.table([.int32(Int32(type.bits)), .bool(type.isSigned)])
    }

    /// The member of the union `Type` and its table.
    private mutating func type(_ type: ArrowType) -> (UInt8, FlatBufferBuilder.Offset) {
        switch type {
        case .null: return (TypeKind.null, builder.table([]))
        case .bool: return (TypeKind.bool, builder.table([]))
        case .integer(let type): return (TypeKind.int, integer(type))
        case .float32: return (TypeKind.floatingPoint, builder.table([.int16(1)]))
        case .float64: return (TypeKind.floatingPoint, builder.table([.int16(2)]))
        case .utf8: return (TypeKind.utf8, builder.table([]))
        case .largeUTF8: return (TypeKind.largeUTF8, builder.table([]))
        case .timestamp(let unit, let timezone):
            let place = Int16(ArrowType.TimeUnit.allCases.firstIndex(of: unit) ?? 0)
            let zone = timezone.map { FlatBufferBuilder.Value.offset(builder.string($0)) }
            return (TypeKind.timestamp, builder.table([.int16(place), zone]))
        case .list: return (TypeKind.list, builder.table([]))
        case .largeList: return (TypeKind.largeList, builder.table([]))
        case .float16, .utf8View, .dictionary: preconditionFailure("\(type) is not written here")
        }
    }
}
