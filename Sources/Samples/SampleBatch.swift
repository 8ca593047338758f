/// Some thousand samples as columns: the unit that flows between stages.
///
/// Every stream starts with a batch, perhaps without rows, so that its schema is known. Before `partition` rows stand in
/// log order and `parts` is nil; after it a batch holds whole users, each user's rows in time order, and `parts` is set.
public struct SampleBatch: Sendable, Hashable {
    /// What the columns are; the same for every batch of a stream.
    public let schema: SampleSchema
    /// User key a row.
    public var users: KeyColumn
    /// Milliseconds since 1970-01-01 UTC a row.
    public var times: [Int64]
    /// Label a row: 0 or 1.
    public var labels: [Float]
    /// Corrected label a row, after `correct`; equal to the label outside the train part.
    public var correctedLabels: [Float]?
    /// Part a row, after `partition`.
    public var parts: [Part]?
    /// Impression list a row, exactly if the schema says that there are any. Rows that came from one row of a log have one
    /// list, user and time.
    public var groups: [Int64]?
    /// One column a feature, in the schema's order.
    public var features: [FeatureColumn]
    /// After `partition`: whether the last user's rows go on in the next batch.
    public var continuesUser: Bool

    /// A batch without rows. `partitioned` says whether rows will carry a part.
    public init(_ schema: SampleSchema, partitioned: Bool = false) {
        self.schema = schema
        users = KeyColumn(schema.userKind)
        times = []
        labels = []
        correctedLabels = nil
        parts = partitioned ? [] : nil
        groups = schema.hasGroups ? [] : nil
        features = schema.features.map { FeatureColumn($0.kind) }
        continuesUser = false
    }

    /// A batch over whole columns, all of one length; `groups` exactly if the schema has them.
    public init(
        _ schema: SampleSchema, users: KeyColumn, times: [Int64], labels: [Float], correctedLabels: [Float]? = nil,
        parts: [Part]? = nil, groups: [Int64]? = nil, features: [FeatureColumn], continuesUser: Bool = false
    ) {
        precondition(times.count == users.count && labels.count == users.count)
        precondition((correctedLabels?.count ?? users.count) == users.count)
        precondition((parts?.count ?? users.count) == users.count)
        precondition((groups != nil) == schema.hasGroups && (groups?.count ?? users.count) == users.count)
        precondition(features.count == schema.features.count)
        precondition(zip(features, schema.features).allSatisfy { $0.kind == $1.kind && $0.count == users.count })
        self.schema = schema
        self.users = users
        self.times = times
        self.labels = labels
        self.correctedLabels = correctedLabels
        self.parts = parts
        self.groups = groups
        self.features = features
        self.continuesUser = continuesUser
    }

    /// Number of rows.
    public var count: Int { times.count }

    /// Bytes held in columns, for bounds on memory.
    public var byteCount: Int {
        users.byteCount
            + count * (8 + 4 + (correctedLabels == nil ? 0 : 4) + (parts == nil ? 0 : 1) + (groups == nil ? 0 : 8))
            + features.reduce(0) { $0 + $1.byteCount }
    }

    /// Item id of each row; nil where the schema names no item.
    public var items: [UInt32]? {
        guard let item = schema.item, case .categorical(let ids) = features[item] else { return nil }
        return ids
    }

    /// Appends rows of another batch of the same schema. They must fit: see `fits`.
    public mutating func append(contentsOf rows: Range<Int>, of other: SampleBatch) {
        users.append(contentsOf: rows, of: other.users)
        times.append(contentsOf: other.times[rows])
        labels.append(contentsOf: other.labels[rows])
        if let more = other.correctedLabels { correctedLabels?.append(contentsOf: more[rows]) }
        if let more = other.parts { parts?.append(contentsOf: more[rows]) }
        if let more = other.groups { groups?.append(contentsOf: more[rows]) }
        for index in features.indices {
            features[index].append(contentsOf: rows, of: other.features[index])
        }
    }

    /// Appends the rows named by `rows`, in that order, of another batch of the same schema. They must fit, as they do if
    /// none is named twice and the other batch's rows all fit.
    public mutating func append(gathering rows: ArraySlice<UInt32>, of other: SampleBatch) {
        users.append(gathering: rows, of: other.users)
        times.append(gathering: rows, of: other.times)
        labels.append(gathering: rows, of: other.labels)
        if let more = other.correctedLabels { correctedLabels?.append(gathering: rows, of: more) }
        if let more = other.parts { parts?.append(gathering: rows, of: more) }
        if let more = other.groups { groups?.append(gathering: rows, of: more) }
        for index in features.indices {
            features[index].append(gathering: rows, of: other.features[index])
        }
    }

    /// Row ranges of equal consecutive user keys.
    public var userRanges: [Range<Int>] { users.runs }
}
