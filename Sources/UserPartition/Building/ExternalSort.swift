import Samples

/// Sorts rows that are too many for memory: sorted runs in temporary files, merged.
///
/// Memory: about three times `mostBytes` while a run is made, and as much as `mostBytes` while runs are merged. Disk: the
/// rows once more, and once more again for every factor of `mostRuns` that the number of runs goes beyond it.
struct ExternalSort {
    /// Most runs merged at once.
    private static let mostRuns = 64

    /// Bytes written to temporary files.
    private(set) var bytesWritten = 0

    private let schema: SampleSchema
    private let mostBytes: Int
    private let folder: Folder
    private let stop: StopSignal
    /// Makes the names of the runs its own.
    private let prefix: String
    private var runsMade = 0
    private var runs: [SampleSpool] = []
    private var rows: SampleBatch
    private var bytes = 0

    /// No rows yet. Runs stand in `folder` under names that begin with `prefix`.
    init(_ schema: SampleSchema, mostBytes: Int, folder: Folder, prefix: String, stop: StopSignal) {
        self.schema = schema
        self.mostBytes = mostBytes
        self.folder = folder
        self.prefix = prefix
        self.stop = stop
        rows = SampleBatch(schema)
    }

    /// Takes in rows; earlier ones come first among those of equal user and time.
    mutating func add(_ range: Range<Int>, of batch: SampleBatch) throws(StageError) {
        var start = range.lowerBound
        while start < range.upperBound {
            // In steps, so that one large range does not pass the limit by much.
            let step = start..<min(range.upperBound, start + 8192)
            let more = batch.rowBytes(step)
            if rows.count > 0 && (bytes + more > mostBytes || !rows.fits(step, of: batch)) { try finishRun() }
            rows.append(contentsOf: step, of: batch)
            bytes += more
            start = step.upperBound
        }
    }

    /// Hands on all rows in order, in batches of any size.
    mutating func merge(_ body: (SampleBatch) throws(StageError) -> Void) throws(StageError) {
        if rows.count > 0 { try finishRun() }
        rows = SampleBatch(schema)
        while runs.count > Self.mostRuns {
            // Group by group, so that every row is written once a round; runs stay in the order of the input.
            var longer: [SampleSpool] = []
            while !runs.isEmpty {
                let merged = try newRun()
                var merger = try RunMerger(runs.prefix(Self.mostRuns), batchBytes: batchBytes)
                try merger.merge { batch throws(StageError) in
                    try stop.check()
                    try merged.write(batch)
                }
                try merged.close()
                bytesWritten += merged.byteCount
                runs.removeFirst(min(Self.mostRuns, runs.count))
                longer.append(merged)
            }
            runs = longer
        }
        var merger = try RunMerger(runs[...], batchBytes: batchBytes)
        try merger.merge { batch throws(StageError) in
            try stop.check()
            try body(batch)
        }
        runs = []
    }

    /// All runs' batches together stay within the limit.
    private var batchBytes: Int { max(16 << 10, mostBytes / (Self.mostRuns + 1)) }

    private mutating func finishRun() throws(StageError) {
        try stop.check()
        let sorted = SortedRows(rows, slices: 1)
        let run = try newRun()
        rows = SampleBatch(schema)
        bytes = 0
        // By the rows' own sizes: all runs' batches stand in memory when they are merged.
        var start = 0
        var batchBytes = 0
        for place in sorted.order.indices {
            let row = Int(sorted.order[place])
            let size = sorted.rows.rowBytes(row..<row + 1)
            if place > start && batchBytes + size > self.batchBytes {
                try write(start..<place, of: sorted, to: run)
                (start, batchBytes) = (place, 0)
            }
            batchBytes += size
        }
        if start < sorted.order.count { try write(start..<sorted.order.count, of: sorted, to: run) }
        try run.close()
        bytesWritten += run.byteCount
        runs.append(run)
    }

    private func write(_ places: Range<Int>, of sorted: SortedRows, to run: SampleSpool) throws(StageError) {
        var batch = SampleBatch(schema, reserving: places.count)
        batch.append(gathering: sorted.order[places], of: sorted.rows)
        try run.write(batch)
    }

    private mutating func newRun() throws(StageError) -> SampleSpool {
        runsMade += 1
        return try SampleSpool(StoreLayout.temporary("\(prefix)-run-\(runsMade)"), schema: schema, in: folder)
    }
}
