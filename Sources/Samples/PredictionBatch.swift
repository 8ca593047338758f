/// Scored samples as columns. Rows of one user are contiguous and in time order; the first batch may have no rows.
public struct PredictionBatch: Sendable, Hashable {
    /// What the columns are; the same for every batch of a stream.
    public let schema: PredictionSchema
    /// User key a row.
    public var users: KeyColumn
    /// Milliseconds since 1970-01-01 UTC a row.
    public var times: [Int64]
    /// Label a row: 0 or 1.
    public var labels: [Float]
    /// Part a row: validation or test.
    public var parts: [Part]
    /// Impression list a row; nil where the log has none, and perhaps where there are no rows.
    public var groups: [Int64]?
    /// Item id a row; 0 where the log has none.
    public var items: [UInt32]
    /// The user's number of train samples.
    public var trainSamples: [UInt32]
    /// The user's number of positive train samples.
    public var trainPositives: [UInt32]
    /// Whether the item stands in the user's own train part.
    public var itemSeen: [Bool]
    /// Whether tuned weights scored this user in the tuned arms (false: the cloud model did).
    public var kept: [Bool]
    /// Whether the user was held out, so that the cloud saw none of the user's samples; nil where the schema does not mark it.
    public var heldOut: [Bool]?
    /// One column of logits an arm, in the schema's order.
    public var logits: [[Double]]

    /// A batch without rows.
    public init(_ schema: PredictionSchema) {
        self.schema = schema
        users = KeyColumn(schema.userKind)
        times = []
        labels = []
        parts = []
        groups = nil
        items = []
        trainSamples = []
        trainPositives = []
        itemSeen = []
        kept = []
        heldOut = schema.marksHeldOut ? [] : nil
        logits = schema.arms.map { _ in [] }
    }

    /// Number of rows.
    public var count: Int { times.count }

    /// Row ranges of equal consecutive user keys.
    public var userRanges: [Range<Int>] { users.runs }

    /// Appends all rows of another batch of the same schema; either both have groups or neither, unless one has no rows.
    public mutating func append(_ other: PredictionBatch) {
        if other.count == 0 { return }
        precondition(count == 0 || (groups == nil) == (other.groups == nil), "a stream has groups or has none")
        if let more = other.groups {
            if groups == nil { groups = [] }
            groups?.append(contentsOf: more)
        }
        users.append(contentsOf: 0..<other.count, of: other.users)
        times += other.times
        labels += other.labels
        parts += other.parts
        items += other.items
        trainSamples += other.trainSamples
        trainPositives += other.trainPositives
        itemSeen += other.itemSeen
        kept += other.kept
        if let more = other.heldOut { heldOut?.append(contentsOf: more) }
        for arm in logits.indices { logits[arm] += other.logits[arm] }
    }
}
