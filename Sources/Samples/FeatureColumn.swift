/// One feature's values over the rows of a batch.
public enum FeatureColumn: Sendable, Hashable {
    /// One id a row; 0 is missing or unseen.
    case categorical([UInt32])
    /// A list of ids a row.
    case multivalued(ListColumn)
    /// One number a row.
    case dense([Float])

    /// An empty column of `kind`.
    public init(_ kind: SampleSchema.Kind) {
        switch kind {
        case .categorical: self = .categorical([])
        case .multivalued: self = .multivalued(ListColumn())
        case .dense: self = .dense([])
        }
    }

    /// What a row holds.
    public var kind: SampleSchema.Kind {
        switch self {
        case .categorical: .categorical
        case .multivalued: .multivalued
        case .dense: .dense
        }
    }

    /// Number of rows.
    public var count: Int {
        switch self {
        case .categorical(let ids): ids.count
        case .multivalued(let lists): lists.count
        case .dense(let values): values.count
        }
    }

    /// Whether rows of another column of the same kind can be appended: `limit` is the most rows, and ids of lists, that
    /// there may be afterwards.
    public func fits(
        _ rows: Range<Int>, of other: FeatureColumn, limit: Int = SampleBatch.columnLimit
    ) -> Bool {
        guard count + rows.count <= limit else { return false }
        guard case .multivalued(let lists) = self, case .multivalued(let more) = other else { return true }
        return lists.fits(rows, of: more, limit: limit)
    }

    /// Appends rows of another column of the same kind, which must fit.
    public mutating func append(contentsOf rows: Range<Int>, of other: FeatureColumn) {
        // The payload must have one owner while it grows, or each append would copy it whole.
        if case .categorical(var ids) = self, case .categorical(let more) = other {
            self = .dense([])
            ids.append(contentsOf: more[rows])
            self = .categorical(ids)
        } else if case .multivalued(var lists) = self, case .multivalued(let more) = other {
            self = .dense([])
            lists.append(contentsOf: rows, of: more)
            self = .multivalued(lists)
        } else if case .dense(var values) = self, case .dense(let more) = other {
            self = .dense([])
            values.append(contentsOf: more[rows])
            self = .dense(values)
        } else {
            preconditionFailure("columns of one stream keep their kind")
        }
    }

    /// Appends the rows named by `rows`, in that order, of another column of the same kind; they must fit.
    public mutating func append(gathering rows: ArraySlice<UInt32>, of other: FeatureColumn) {
        if case .categorical(var ids) = self, case .categorical(let more) = other {
            self = .dense([])
            ids.append(gathering: rows, of: more)
            self = .categorical(ids)
        } else if case .multivalued(var lists) = self, case .multivalued(let more) = other {
            self = .dense([])
            lists.append(gathering: rows, of: more)
            self = .multivalued(lists)
        } else if case .dense(var values) = self, case .dense(let more) = other {
            self = .dense([])
            values.append(gathering: rows, of: more)
            self = .dense(values)
        } else {
            preconditionFailure("columns of one stream keep their kind")
        }
    }

    /// Bytes held, for bounds on memory.
    public var byteCount: Int {
        switch self {
        case .categorical(let ids): ids.count * 4
        case .multivalued(let lists): lists.byteCount
        case .dense(let values): values.count * 4
        }
    }
}
