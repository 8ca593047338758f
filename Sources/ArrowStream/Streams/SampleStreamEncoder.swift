public import Samples

/// Turns sample batches into an Arrow stream.
///
/// Columns: `user`, `time`, `label`, `label_corrected` after `correct`, `part` after `partition`, `group` if the schema has
/// groups, then one a feature. The role of each and how a feature's ids came about stand in the columns' metadata.
public struct SampleStreamEncoder: StreamEncoder {
    /// Names that no feature can have, since other columns do.
    public static let reservedNames: Set<String> = ["user", "time", "label", "label_corrected", "part", "group"]

    /// Writes the Arrow batches that `arrowBatch` makes.
    public let arrow: ArrowStreamEncoder
    private let isPartitioned: Bool
    private let isCorrected: Bool

    /// An encoder for batches of `schema`: with parts if `partitioned`, with corrected labels if `corrected`.
    public init(schema: SampleSchema, partitioned: Bool, corrected: Bool) {
        isPartitioned = partitioned
        isCorrected = corrected
        var fields = [
            Self.field("user", schema.userKind.arrowType, .user),
            Self.field("time", .timestamp(.millisecond, timezone: "UTC"), .time),
            Self.field("label", .float32, .label),
        ]
        if corrected { fields.append(Self.field("label_corrected", .float32, .labelCorrected)) }
        var dictionaries: [Int: ArrowColumn] = [:]
        if partitioned {
            dictionaries[fields.count] = Part.arrowNames
            fields.append(Self.field("part", Part.arrowType, .part))
        }
        if schema.hasGroups { fields.append(Self.field("group", .integer(.int64), .group)) }
        for (index, feature) in schema.features.enumerated() {
            fields.append(Self.field(of: feature, isItem: index == schema.item))
        }
        let notes = [StreamNotes.stream: StreamNotes.samples, StreamNotes.format: StreamNotes.currentFormat]
        arrow = ArrowStreamEncoder(schema: ArrowSchema(fields: fields, metadata: notes), dictionaries: dictionaries)
    }

    /// The batch as columns of the stream.
    public func arrowBatch(_ batch: SampleBatch) -> ArrowBatch {
        precondition(
            (batch.parts != nil) == isPartitioned && (batch.correctedLabels != nil) == isCorrected,
            "a stream's batches have the same columns")
        var columns = [
            batch.users.arrowColumn, ArrowColumn(.int64(batch.times)), ArrowColumn(.float32(batch.labels)),
        ]
        if let corrected = batch.correctedLabels { columns.append(ArrowColumn(.float32(corrected))) }
        if let parts = batch.parts { columns.append(Part.arrowColumn(parts)) }
        if let groups = batch.groups { columns.append(ArrowColumn(.int64(groups))) }
        for feature in batch.features {
            switch feature {
            case .categorical(let ids): columns.append(ArrowColumn(.uint32(ids)))
            case .multivalued(let lists):
                columns.append(ArrowColumn(.list(offsets: lists.offsets, items: ArrowColumn(.uint32(lists.values)))))
            case .dense(let values): columns.append(ArrowColumn(.float32(values)))
            }
        }
        return ArrowBatch(
            arrow.schema, columns: columns, count: batch.count,
            metadata: batch.continuesUser ? [StreamNotes.continuesUser: "true"] : [:])
    }

    private static func field(_ name: String, _ type: ArrowType, _ role: StreamNotes.Role) -> ArrowField {
        ArrowField(name: name, type: type, metadata: [StreamNotes.role: role.rawValue])
    }

    private static func field(of feature: SampleSchema.Feature, isItem: Bool) -> ArrowField {
        var field = field(feature.name, feature.kind.arrowType, isItem ? .item : .feature)
        field.metadata[StreamNotes.kind] = feature.kind.rawValue
        switch feature.encoding {
        case nil: break
        case .dictionary: field.metadata[StreamNotes.encoding] = "dictionary"
        case .hash(let size):
            field.metadata[StreamNotes.encoding] = "hash"
            field.metadata[StreamNotes.hashSize] = String(size)
        }
        return field
    }
}

extension SampleSchema.Kind {
    /// The type of a feature's column.
    fileprivate var arrowType: ArrowType {
        switch self {
        case .categorical: .integer(.uint32)
        case .multivalued: .list(.integer(.uint32))
        case .dense: .float32
        }
    }
}
