import ArrowStream
import Samples

/// Writes `index.arrows` as users come, some thousands in memory.
struct IndexWriter {
    private static let batchUsers = 8192
    /// Bytes of keys that wait, unless a single one is longer.
    private static let batchKeyBytes = 256 << 20

    private let file: StoreFile
    private let mostKeyBytes: Int
    private let encoder: ArrowStreamEncoder
    private var waiting: UserIndex

    /// An index of no users in `folder`.
    init(
        _ kind: KeyColumn.Kind, folder: Folder, mostKeyBytes: Int = batchKeyBytes
    ) throws(StageError) {
        self.mostKeyBytes = mostKeyBytes
        encoder = ArrowStreamEncoder(schema: UserIndex.schema(kind))
        waiting = UserIndex(kind)
        file = try StoreFile(creating: StoreLayout.index, in: folder)
        try file.write(encoder.start())
    }

    /// Adds the next user of a bucket.
    mutating func add(
        _ bucket: SortedBucket, user: Int, bucket number: Int, byteOffset: Int
    ) throws(StageError) {
        let entry = bucket.users[user]
        let row = bucket.order[entry.rows.lowerBound]
        let isKeyTooLong = !waiting.users.fits(row..<(row + 1), of: bucket.rows.users, limit: mostKeyBytes)
        if isKeyTooLong && waiting.count > 0 { try flush() }
        waiting.users.append(row, of: bucket.rows.users)
        waiting.buckets.append(UInt32(number))
        waiting.firstRows.append(UInt64(entry.rows.lowerBound))
        waiting.byteOffsets.append(UInt64(byteOffset))
        waiting.trainSamples.append(UInt32(entry.samples.train))
        waiting.validationSamples.append(UInt32(entry.samples.validation))
        waiting.testSamples.append(UInt32(entry.samples.test))
        waiting.trainPositives.append(UInt32(entry.trainPositives))
        if waiting.count == Self.batchUsers { try flush() }
    }

    /// Writes the rest.
    mutating func finish() throws(StageError) -> PartitionManifest.File {
        if waiting.count > 0 { try flush() }
        try file.write(encoder.end())
        return try file.finish()
    }

    private mutating func flush() throws(StageError) {
        try file.write(encoder.encode(waiting.batch))
        waiting = UserIndex(waiting.users.kind)
    }
}
