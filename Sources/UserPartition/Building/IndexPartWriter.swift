import ArrowStream
import Samples

/// A bucket's part of the index: batches of an Arrow stream without its head, in a temporary file.
struct IndexPart: Sendable {
    /// The file.
    let name: String
    /// Its size.
    let bytes: Int
}

/// Writes one bucket's part of the index as users come, some thousands in memory.
struct IndexPartWriter {
    private static let batchUsers = 8192
    /// Bytes of keys that wait, unless a single one is longer.
    private static let batchKeyBytes = 1 << 20

    private let bucket: UInt32
    private let mostKeyBytes: Int
    private let file: StoreFile
    private let encoder: ArrowStreamEncoder
    private var waiting: UserIndex
    private var firstRow = 0

    /// An index of no users in `folder`.
    init(
        _ kind: KeyColumn.Kind, bucket: Int, folder: Folder, mostKeyBytes: Int = batchKeyBytes
    ) throws(StageError) {
        self.bucket = UInt32(bucket)
        self.mostKeyBytes = mostKeyBytes
        encoder = ArrowStreamEncoder(schema: UserIndex.schema(kind))
        waiting = UserIndex(kind)
        file = try StoreFile(
            creating: StoreLayout.temporary("index-\(bucket)"), in: folder, isHashed: false)
    }

    /// Adds the next user of the bucket, whose key is in a row of `users`; `byteOffset` is where the batch begins that its
    /// first row stands in. Throws `data` for a user of 2³² samples or more.
    mutating func add(
        _ user: LocalDatasetCounts, key row: Int, of users: KeyColumn, byteOffset: Int
    ) throws(StageError) {
        guard user.samples.total <= UInt32.max else {
            throw StageError(
                .data, "user \(users[row]) has \(user.samples.total) samples; \(UInt32.max) are the most",
                advice: "leave that user out with partition.max_samples")
        }
        let isKeyTooLong = !waiting.users.fits(row..<(row + 1), of: users, limit: mostKeyBytes)
        if isKeyTooLong && waiting.count > 0 { try flush() }
        waiting.users.append(row, of: users)
        waiting.buckets.append(bucket)
        waiting.firstRows.append(UInt64(firstRow))
        waiting.byteOffsets.append(UInt64(byteOffset))
        waiting.trainSamples.append(UInt32(user.samples.train))
        waiting.validationSamples.append(UInt32(user.samples.validation))
        waiting.testSamples.append(UInt32(user.samples.test))
        waiting.trainPositives.append(UInt32(user.trainPositives))
        waiting.areHeldOut.append(user.isHeldOut)
        firstRow += user.samples.total
        if waiting.count == Self.batchUsers { try flush() }
    }

    /// Writes the rest.
    mutating func finish() throws(StageError) -> IndexPart {
        if waiting.count > 0 { try flush() }
        try file.close()
        return IndexPart(name: file.name, bytes: file.bytesWritten)
    }

    private mutating func flush() throws(StageError) {
        try file.write(encoder.encode(waiting.batch))
        waiting = UserIndex(waiting.users.kind)
    }
}
