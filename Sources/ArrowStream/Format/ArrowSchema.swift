/// What the batches of an Arrow stream hold.
public struct ArrowSchema: Sendable, Hashable {
    /// The columns, in order.
    public var fields: [ArrowField]
    /// Notes on the stream, by key. Written in the order of their keys.
    public var metadata: [String: String]

    /// A schema.
    public init(fields: [ArrowField], metadata: [String: String] = [:]) {
        self.fields = fields
        self.metadata = metadata
    }
}
