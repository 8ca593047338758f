import ArrowStream
import Samples

/// All rows taken in so far, by bucket: in memory as far as that goes, the rest in spill files beside the store.
struct WaitingRows {
    /// What every batch is held to.
    let check: SampleCheck
    /// Bytes written to spill files.
    private(set) var bytesSpilled = 0

    private let folder: Folder
    private let mostBytes: Int
    private var buffers: BucketBuffers
    /// Whether a bucket has a spill file.
    private var isSpilled: [Bool]
    private let encoder: SampleStreamEncoder

    /// No rows yet. Spill files go into `folder`.
    init(_ schema: SampleSchema, settings: PartitionSettings, folder: Folder) throws(StageError) {
        check = try SampleCheck(incoming: schema)
        self.folder = folder
        // The other half is for the bucket that is sorted while the rest still waits.
        mostBytes = settings.memoryBytes / 2
        buffers = BucketBuffers(schema, buckets: settings.buckets, memoryBytes: mostBytes)
        isSpilled = Array(repeating: false, count: settings.buckets)
        encoder = SampleStreamEncoder(schema: schema, partitioned: false, corrected: false)
    }

    /// Takes in one batch; writes the largest buckets to their files while all together hold too much.
    mutating func add(_ batch: SampleBatch) throws(StageError) {
        guard batch.correctedLabels == nil else {
            throw StageError(
                .data, "the samples have corrected labels, which a store does not hold",
                advice: "partition first, then correct")
        }
        try check.check(batch)
        buffers.scatter(batch)
        while buffers.byteCount > mostBytes, let bucket = buffers.largest {
            try spill(buffers.take(bucket), of: bucket)
        }
    }

    /// Takes all rows of one bucket, in input order, and removes its spill file.
    mutating func take(_ bucket: Int) throws(StageError) -> SampleBatch {
        var chunks: [SampleBatch] = []
        let name = StoreLayout.spill(bucket)
        if isSpilled[bucket] {
            try StoreFile.append([encoder.end()], to: name, in: folder)
            let file = try SampleFile(try StoreFileReader(opening: name, in: folder))
            while let chunk = try file.nextBatch() { chunks.append(chunk) }
            try folder.remove(name)
        }
        chunks.append(contentsOf: buffers.take(bucket))
        return try SampleBatch(joining: chunks, schema: check.schema)
    }

    private mutating func spill(_ chunks: [SampleBatch], of bucket: Int) throws(StageError) {
        let name = StoreLayout.spill(bucket)
        if !isSpilled[bucket] {
            isSpilled[bucket] = true
            try StoreFile.append([encoder.start()], to: name, in: folder)
        }
        bytesSpilled += try StoreFile.append(chunks.lazy.map(encoder.encode), to: name, in: folder)
    }
}
