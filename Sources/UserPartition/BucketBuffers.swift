import Samples

/// Rows in memory that wait for their bucket to be sorted, in input order within a bucket.
///
/// A bucket's rows are kept in chunks of fixed capacity, so what they take is known and nothing is ever moved to grow.
struct BucketBuffers {
    /// Bytes of all rows held.
    private(set) var byteCount = 0

    private let schema: SampleSchema
    private let chunkRows: Int
    private let chunkBytes: Int
    /// A chunk list a bucket; rows are added to its last one.
    private var chunks: [[SampleBatch]]
    private var bucketBytes: [Int]
    /// The rows of the batch at hand that go to each bucket; kept for its capacity.
    private var rows: [[Int]]

    /// Empty buffers for `buckets` buckets. `memoryBytes` is what they may hold in all before the owner empties some:
    /// it decides the size of a chunk.
    init(_ schema: SampleSchema, buckets: Int, memoryBytes: Int) {
        self.schema = schema
        chunkBytes = max(4 << 10, min(256 << 10, memoryBytes / buckets / 4))
        chunkRows = max(16, chunkBytes / schema.fixedRowBytes)
        chunks = Array(repeating: [], count: buckets)
        bucketBytes = Array(repeating: 0, count: buckets)
        rows = Array(repeating: [], count: buckets)
    }

    /// Adds each row of `batch` to the bucket of its user.
    mutating func scatter(_ batch: SampleBatch) {
        for (row, bucket) in UserHash.buckets(of: batch.users, of: rows.count).enumerated() { rows[bucket].append(row) }
        for bucket in rows.indices where !rows[bucket].isEmpty {
            var piece = batch.gathering(rows[bucket])
            // A stream that was partitioned before is split anew.
            piece.parts = nil
            add(piece, to: bucket)
            rows[bucket].removeAll(keepingCapacity: true)
        }
    }

    /// The bucket that holds the most bytes; nil if none holds any.
    var largest: Int? {
        guard byteCount > 0 else { return nil }
        return bucketBytes.indices.max { bucketBytes[$0] < bucketBytes[$1] }
    }

    /// Takes all rows of a bucket, in input order.
    mutating func take(_ bucket: Int) -> [SampleBatch] {
        byteCount -= bucketBytes[bucket]
        bucketBytes[bucket] = 0
        defer { chunks[bucket] = [] }
        return chunks[bucket]
    }

    private mutating func add(_ piece: SampleBatch, to bucket: Int) {
        let bytes = piece.byteCount
        byteCount += bytes
        bucketBytes[bucket] += bytes
        // A large piece is a chunk of its own; besides sparing a copy, it keeps offsets within a chunk far below 2 GiB.
        if bytes >= chunkBytes {
            chunks[bucket].append(piece)
            return
        }
        var done = 0
        while done < piece.count {
            let last = chunks[bucket].count - 1
            guard last >= 0, chunks[bucket][last].count < chunkRows, chunks[bucket][last].byteCount < chunkBytes else {
                chunks[bucket].append(SampleBatch(schema, reserving: chunkRows))
                continue
            }
            let end = min(piece.count, done + chunkRows - chunks[bucket][last].count)
            chunks[bucket][last].append(contentsOf: done..<end, of: piece)
            done = end
        }
    }
}
