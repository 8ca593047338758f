import Samples

/// Puts the rows of pieces in the store's order and hands them to a bucket's writer: in memory where they fit, by way of
/// sorted runs where not, and a user that does not fit by way of a file of its own.
struct PieceSorter: Sendable {
    private let rows: WaitingRows
    private let plan: MemoryPlan
    private let folder: Folder
    private let stop: StopSignal

    /// A sorter of rows that are all there.
    init(_ rows: WaitingRows, plan: MemoryPlan, folder: Folder, stop: StopSignal) {
        self.rows = rows
        self.plan = plan
        self.folder = folder
        self.stop = stop
    }

    /// Sorts all pieces of a bucket, one after another. Returns the bytes that went through temporary files.
    func sort(bucket: Int, into writer: inout some SortedRowsWriter) throws(StageError) -> Int {
        var bytesSpilled = 0
        for piece in rows.pieces.ofBucket(bucket) {
            try stop.check()
            if rows.byteCount(of: piece) <= plan.sortBytes {
                try sortInMemory(piece, into: &writer)
            } else {
                bytesSpilled += try sortByRuns(piece, into: &writer)
            }
        }
        return bytesSpilled
    }

    private func sortInMemory(_ piece: Int, into writer: inout some SortedRowsWriter) throws(StageError) {
        let schema = rows.check.schema
        var whole = SampleBatch(schema, reserving: rows.byteCount(of: piece) / schema.fixedRowBytes)
        try rows.forEachRange(of: piece) { batch, range throws(StageError) in
            whole.append(contentsOf: range, of: batch)
        }
        if whole.count > 0 { try writer.add(SortedRows(whole, slices: rows.pieces.count)) }
    }

    private func sortByRuns(_ piece: Int, into writer: inout some SortedRowsWriter) throws(StageError) -> Int {
        var sort = ExternalSort(
            rows.check.schema, mostBytes: plan.sortBytes, folder: folder, prefix: "piece-\(piece)", stop: stop)
        try rows.forEachRange(of: piece) { batch, range throws(StageError) in
            try stop.check()
            try sort.add(range, of: batch)
        }
        var users = UserAssembler(
            rows.check.schema, mostBytes: plan.sortBytes, folder: folder, prefix: "piece-\(piece)")
        try sort.merge { batch throws(StageError) in try users.add(batch, into: &writer) }
        try users.finish(into: &writer)
        return sort.bytesWritten + users.bytesWritten
    }
}

/// Takes whole users in the store's order.
protocol SortedRowsWriter {
    /// Takes some users whose rows are in memory.
    mutating func add(_ sorted: SortedRows) throws(StageError)
    /// Takes one user whose rows, in order, are in a file.
    mutating func add(_ user: SampleSpool) throws(StageError)
}
