/// What was written of a stream.
public struct StreamCounts: Sendable, Hashable {
    /// Rows of all batches.
    public var rows = 0
    /// Batches, those without rows included.
    public var batches = 0
    /// Bytes.
    public var bytes = 0

    /// Nothing yet.
    public init() {}
}
