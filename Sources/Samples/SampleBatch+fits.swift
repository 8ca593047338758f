extension SampleBatch {
    /// The most rows of a batch, bytes of a text column and ids of a list column: what 32-bit offsets can tell.
    public static let columnLimit = Int(Int32.max)

    /// Whether rows of another batch of the same schema can be appended: no column may come to hold more than `limit` rows,
    /// bytes of text or ids of lists. Whoever joins batches of foreign making asks before each `append`.
    public func fits(_ rows: Range<Int>, of other: SampleBatch, limit: Int = columnLimit) -> Bool {
        users.fits(rows, of: other.users, limit: limit)
            && zip(features, other.features).allSatisfy { $0.fits(rows, of: $1, limit: limit) }
    }
}
