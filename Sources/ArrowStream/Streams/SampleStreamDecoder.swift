public import ByteStreams
public import Samples

/// Reads an Arrow stream of samples, as `SampleStreamEncoder` or a program of yours writes it.
///
/// Columns are found by their role, so their order and, but for features, their names do not matter. A column without a
/// role is an error, so that no feature is lost to a slip of the pen. Beside the types of the encoder, text may be
/// `large_utf8` or `utf8_view`, lists `large_list`, and parts plain text.
public final class SampleStreamDecoder: StreamDecoder {
    /// What the batches hold.
    public let schema: SampleSchema
    /// Whether samples carry a part.
    public let isPartitioned: Bool
    /// Whether samples carry a corrected label.
    public let isCorrected: Bool

    private let decoder: ArrowStreamDecoder
    private let columns: Columns
    private var rowsRead = 0
    private var hasGivenBatch = false

    /// Where in the Arrow batches each column stands.
    private struct Columns {
        var user: Int?
        var time: Int?
        var label: Int?
        var labelCorrected: Int?
        var part: Int?
        var group: Int?
        var features: [(index: Int, feature: SampleSchema.Feature)] = []
        var item: Int?
    }

    /// Reads the schema from a stream that was just opened.
    public init(_ decoder: ArrowStreamDecoder) throws(StageError) {
        self.decoder = decoder
        let stream = try StreamSchema(decoder, contents: StreamNotes.samples)
        var columns = Columns()
        for (index, field) in stream.schema.fields.enumerated() {
            guard let text = field.metadata[StreamNotes.role] else {
                throw stream.fault(
                    "column `\(field.name)` has no role", advice: "set `\(StreamNotes.role)` in its metadata")
            }
            switch StreamNotes.Role(rawValue: text) {
            case .user: try Self.assign(index, to: &columns.user, .key, stream)
            case .time: try Self.assign(index, to: &columns.time, .time, stream)
            case .label: try Self.assign(index, to: &columns.label, .exactly(.float32), stream)
            case .labelCorrected: try Self.assign(index, to: &columns.labelCorrected, .exactly(.float32), stream)
            case .part: try Self.assign(index, to: &columns.part, .part, stream)
            case .group: try Self.assign(index, to: &columns.group, .exactly(.integer(.int64)), stream)
            case .item:
                guard columns.item == nil else { throw stream.fault("two columns have the role `item`") }
                let feature = try Self.feature(index, stream)
                guard feature.kind == .categorical else {
                    throw stream.fault("column `\(field.name)` is the item, so it must be categorical")
                }
                columns.item = columns.features.count
                columns.features.append((index, feature))
            case .feature: columns.features.append((index, try Self.feature(index, stream)))
            case nil: throw stream.fault("column `\(field.name)` has the unknown role `\(text)`")
            }
        }
        guard let user = columns.user, columns.time != nil, columns.label != nil else {
            let missing = columns.user == nil ? "user" : columns.time == nil ? "time" : "label"
            throw stream.fault("no column has the role `\(missing)`")
        }
        schema = SampleSchema(
            userKind: stream.schema.fields[user].type.isText ? .text : .integer,
            features: columns.features.map(\.feature), item: columns.item, hasGroups: columns.group != nil)
        isPartitioned = columns.part != nil
        isCorrected = columns.labelCorrected != nil
        self.columns = columns
    }

    /// Reads the schema from `file`.
    public convenience init(_ file: InputFile) throws(StageError) {
        try self.init(ArrowStreamDecoder(file))
    }

    /// The next batch; nil after the last. The first call gives a batch, without rows if the stream has none.
    public func nextBatch() throws(StageError) -> SampleBatch? {
        guard let user = columns.user, let time = columns.time, let label = columns.label else { return nil }
        guard let batch = try decoder.nextBatch() else {
            if hasGivenBatch { return nil }
            hasGivenBatch = true
            var empty = SampleBatch(schema, partitioned: isPartitioned)
            if isCorrected { empty.correctedLabels = [] }
            return empty
        }
        let checked = StreamColumns(batch, rowsBefore: rowsRead, at: decoder.position)
        var features: [FeatureColumn] = []
        for (index, feature) in columns.features {
            let limit: UInt32? = if case .hash(let size) = feature.encoding { UInt32(clamping: size) } else { nil }
            switch feature.kind {
            case .categorical:
                let ids = try checked.uint32s(index)
                try checked.ids(index, ids, atMost: limit)
                features.append(.categorical(ids))
            case .multivalued:
                let lists = try checked.lists(index)
                try checked.ids(index, lists.values, atMost: limit)
                features.append(.multivalued(lists))
            case .dense: features.append(.dense(try checked.floats(index)))
            }
        }
        var corrected: [Float]?
        if let index = columns.labelCorrected { corrected = try checked.labels(index) }
        var parts: [Part]?
        if let index = columns.part { parts = try checked.parts(index) }
        var groups: [Int64]?
        if let index = columns.group { groups = try checked.int64s(index) }
        let samples = SampleBatch(
            schema, users: try checked.keys(user), times: try checked.int64s(time), labels: try checked.labels(label),
            correctedLabels: corrected, parts: parts, groups: groups, features: features,
            continuesUser: batch.metadata[StreamNotes.continuesUser] == "true")
        rowsRead += batch.count
        hasGivenBatch = true
        return samples
    }

    private static func assign(
        _ index: Int, to column: inout Int?, _ expectation: StreamSchema.Expectation, _ stream: StreamSchema
    ) throws(StageError) {
        guard column == nil else {
            let role = stream.schema.fields[index].metadata[StreamNotes.role] ?? ""
            throw stream.fault("two columns have the role `\(role)`")
        }
        try stream.check(index, expectation)
        column = index
    }

    private static func feature(_ index: Int, _ stream: StreamSchema) throws(StageError) -> SampleSchema.Feature {
        let field = stream.schema.fields[index]
        guard let text = field.metadata[StreamNotes.kind], let kind = SampleSchema.Kind(rawValue: text) else {
            throw stream.fault(
                "column `\(field.name)` must say in `\(StreamNotes.kind)` whether it is categorical, multivalued or dense"
            )
        }
        switch kind {
        case .categorical: try stream.check(index, .exactly(.integer(.uint32)))
        case .multivalued: try stream.check(index, .listOfIDs)
        case .dense:
            try stream.check(index, .exactly(.float32))
            return SampleSchema.Feature(name: field.name, kind: kind, encoding: nil)
        }
        switch field.metadata[StreamNotes.encoding] {
        case "dictionary": return SampleSchema.Feature(name: field.name, kind: kind, encoding: .dictionary)
        case "hash":
            guard let size = field.metadata[StreamNotes.hashSize].flatMap({ Int($0) }), size > 0 else {
                throw stream.fault("column `\(field.name)` must give its hash size in `\(StreamNotes.hashSize)`")
            }
            return SampleSchema.Feature(name: field.name, kind: kind, encoding: .hash(size: size))
        default:
            throw stream.fault(
                "column `\(field.name)` must say in `\(StreamNotes.encoding)` whether its ids are of a dictionary or a hash"
            )
        }
    }
}
