import Samples

extension SampleBatch {
    /// The rows of all chunks, which are released on the way, as one batch.
    ///
    /// Throws `data` if a column would come to hold more than `limit` rows, bytes of text or ids of lists.
    init(
        joining chunks: [SampleBatch], schema: SampleSchema, limit: Int = columnLimit
    ) throws(StageError) {
        let rows = chunks.reduce(0) { $0 + $1.count }
        let failure = StageError(
            .data, "a bucket does not fit in memory: \(limit) rows, bytes of user keys and ids of a list are the most",
            advice: "use more buckets, or shorten user keys and lists")
        guard rows <= limit else { throw failure }
        self.init(schema, reserving: rows)
        var rest = Array(chunks.reversed())
        while let chunk = rest.popLast() {
            guard fits(0..<chunk.count, of: chunk, limit: limit) else { throw failure }
            append(contentsOf: 0..<chunk.count, of: chunk)
        }
    }
}
