import Samples

extension SampleBatch {
    /// The rows of all chunks, which are released on the way, as one batch.
    ///
    /// Throws `environment` if text or lists take more than their 32-bit offsets can tell.
    init(joining chunks: [SampleBatch], schema: SampleSchema) throws(StageError) {
        var columns = [0] + schema.features.map { _ in 0 }
        for chunk in chunks {
            if case .text(let keys) = chunk.users { columns[0] += keys.bytes.count }
            for (index, column) in chunk.features.enumerated() {
                if case .multivalued(let lists) = column { columns[index + 1] += lists.values.count }
            }
        }
        let rows = chunks.reduce(0) { $0 + $1.count }
        guard rows <= Int32.max, columns.allSatisfy({ $0 <= Int32.max }) else {
            throw StageError(.environment, "a bucket is too large to be sorted", advice: "use more buckets")
        }
        self.init(schema, reserving: rows)
        var rest = Array(chunks.reversed())
        while let chunk = rest.popLast() { append(contentsOf: 0..<chunk.count, of: chunk) }
    }
}
