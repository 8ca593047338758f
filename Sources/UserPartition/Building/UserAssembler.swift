import Samples

/// Cuts a stream of rows in the store's order into whole users: some at a time in memory, one that is too large for it in a
/// file of its own.
struct UserAssembler {
    /// Bytes written to temporary files.
    private(set) var bytesWritten = 0

    private let schema: SampleSchema
    private let isPartitioned: Bool
    private let mostBytes: Int
    private let folder: Folder
    private let prefix: String
    /// Rows in memory; the last user's may go on.
    private var rows: SampleBatch
    private var bytes = 0
    /// The user that outgrew memory, and its key.
    private var large: (file: SampleSpool, key: KeyColumn)?
    private var filesMade = 0

    /// No rows yet. A user of more than `mostBytes` goes to a file in `folder` whose name begins with `prefix`.
    init(_ schema: SampleSchema, partitioned: Bool = false, mostBytes: Int, folder: Folder, prefix: String) {
        self.schema = schema
        isPartitioned = partitioned
        self.mostBytes = mostBytes
        self.folder = folder
        self.prefix = prefix
        rows = SampleBatch(schema, partitioned: partitioned)
    }

    /// Takes in the next rows; hands on what is whole by now once there is enough of it.
    mutating func add(_ batch: SampleBatch, into writer: inout some SortedRowsWriter) throws(StageError) {
        var rest = 0..<batch.count
        if let large {
            let end = rest.first { !batch.users.isEqual($0, to: large.key, 0) } ?? batch.count
            if end > 0 { try large.file.write(batch.rows(0..<end)) }
            if end == batch.count { return }
            try finishLarge(into: &writer)
            rest = end..<batch.count
        }
        // Only single rows of a GiB could come to this.
        guard rows.fits(rest, of: batch) else { throw StageError.userDoesNotFit(limit: SampleBatch.columnLimit) }
        rows.append(contentsOf: rest, of: batch)
        bytes += batch.rowBytes(rest)
        guard bytes > mostBytes / 2 else { return }
        guard let last = rows.userRanges.last else { return }
        if last.lowerBound > 0 {
            try writer.add(SortedRows(inOrder: rows.rows(0..<last.lowerBound)))
            rows = rows.rows(last)
            bytes = rows.rowBytes(0..<rows.count)
        }
        guard bytes > mostBytes / 2 else { return }
        filesMade += 1
        let file = try SampleSpool(
            StoreLayout.temporary("\(prefix)-user-\(filesMade)"), schema: schema, partitioned: isPartitioned,
            in: folder)
        var key = KeyColumn(schema.userKind)
        key.append(0, of: rows.users)
        try file.write(rows)
        large = (file, key)
        rows = SampleBatch(schema, partitioned: isPartitioned)
        bytes = 0
    }

    /// Hands on the rest.
    mutating func finish(into writer: inout some SortedRowsWriter) throws(StageError) {
        if large != nil { try finishLarge(into: &writer) }
        if rows.count > 0 { try writer.add(SortedRows(inOrder: rows)) }
        rows = SampleBatch(schema, partitioned: isPartitioned)
    }

    private mutating func finishLarge(into writer: inout some SortedRowsWriter) throws(StageError) {
        guard let file = large?.file else { return }
        large = nil
        try file.close()
        bytesWritten += file.byteCount
        try writer.add(file)
    }
}

extension SampleBatch {
    /// Some of the rows.
    func rows(_ range: Range<Int>) -> SampleBatch {
        if range == 0..<count { return self }
        var result = SampleBatch(schema, reserving: range.count, partitioned: parts != nil)
        result.append(contentsOf: range, of: self)
        return result
    }
}
