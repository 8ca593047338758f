import Samples

/// Splits the users of one bucket, who come in the store's order, and writes its file, its part of the index and its counts.
struct BucketWriter: SortedRowsWriter {
    /// What a finished bucket comes to.
    struct Outcome: Sendable {
        var bucket: PartitionManifest.Bucket
        var tally: StoreTally
        var moments: [DenseMoments]
        var index: IndexPart
        /// Bytes of temporary files that sorting took.
        var bytesSpilled: Int
    }

    private let settings: PartitionSettings
    /// Whether rows come with their parts, of users who were chosen.
    private let isSplit: Bool
    private let ids: IDCounts
    private let file: BucketFile
    private var index: IndexPartWriter
    private var cutter: BatchCutter
    private var tally = StoreTally()

    /// The writer of bucket `number`; `ids` gets what is counted.
    ///
    /// - Parameters:
    ///   - name: a temporary file to write in the bucket's place.
    ///   - isSplit: whether rows come with their parts, of users who were chosen.
    ///   - columns: the features whose ids are counted; nil for all.
    init(
        _ schema: SampleSchema, settings: PartitionSettings, bucket number: Int, name: String? = nil,
        isSplit: Bool = false, counting columns: [Int]? = nil, ids: IDCounts, folder: Folder, stop: StopSignal
    ) throws(StageError) {
        self.settings = settings
        self.isSplit = isSplit
        self.ids = ids
        let historyColumns = try settings.history?.columns(in: schema) ?? []
        file = try BucketFile(
            name ?? StoreLayout.bucket(number), schema, isHashed: name == nil,
            counting: CloudCounts(
                schema, historyColumns: historyColumns, columns: columns, counters: ids.take()), folder: folder,
            stop: stop)
        index = try IndexPartWriter(schema.userKind, bucket: number, folder: folder)
        cutter = BatchCutter(schema)
    }

    /// Takes some users whose rows are in memory.
    mutating func add(_ sorted: SortedRows) throws(StageError) {
        let rows = sorted.rows
        let rowBytes = rows.schema.hasFixedRows ? rows.schema.fixedRowBytes : nil
        for places in sorted.users {
            let order = sorted.order[places]
            if !isSplit,
                let reason = settings.filter.reason(
                    samples: places.count, positives: order.count(where: { rows.labels[Int($0)] == 1 }))
            {
                tally.leaveOut(reason, samples: places.count)
                continue
            }
            let times = order.lazy.map { rows.times[Int($0)] }
            let key = Int(order[places.lowerBound])
            let ends =
                isSplit ? ends(of: order.lazy.map { rows.parts?[Int($0)] }) : settings.split.parts(times: times)
            var user = user(of: places.count, endingAt: ends, key: key, rows.users)
            if let cloudUntil = settings.cloudUntil {
                user.cloudSamples = times.prefix(user.cloudSamples).prefix { $0 < cloudUntil }.count
            }
            if settings.history != nil, let last = times.prefix(user.cloudSamples).last {
                user.pastSamples = times.prefix(user.cloudSamples).prefix { $0 < last }.count
            }
            for (place, row) in order.prefix(user.samples.train).enumerated() where rows.labels[Int(row)] == 1 {
                user.trainPositives += 1
                if place < user.cloudSamples { user.cloudPositives += 1 }
            }
            let bytes =
                rowBytes.map { $0 * places.count }
                ?? order.reduce(0) { $0 + rows.rowBytes(Int($1)..<Int($1) + 1) }
            try cutter.begin(user, bytes: bytes, source: sorted, into: file)
            try index.add(user, key: key, of: rows.users, byteOffset: file.bytesWritten)
            try cutter.append(places, of: sorted, into: file)
            try cutter.end(source: sorted, into: file)
            tally.add(user)
        }
        cutter.gather(sorted)
    }

    /// Takes one user whose rows, in order, are in a file: it is read three times rather than held.
    mutating func add(_ spool: SampleSpool) throws(StageError) {
        var cuts = SplitCuts(settings.split, count: spool.count)
        var ends = (trainEnd: 0, validationEnd: 0)
        var bytes = 0
        var positives = 0
        try spool.forEachBatch { batch throws(StageError) in
            bytes += batch.rowBytes(0..<batch.count)
            if let parts = batch.parts {
                let more = self.ends(of: parts.map { $0 })
                ends = (ends.trainEnd + more.trainEnd, ends.validationEnd + more.validationEnd)
            } else {
                for time in batch.times { cuts.add(time) }
                positives += batch.labels.count { $0 == 1 }
            }
        }
        if !isSplit {
            if let reason = settings.filter.reason(samples: spool.count, positives: positives) {
                tally.leaveOut(reason, samples: spool.count)
                return
            }
            ends = cuts.finish()
        }
        guard let user = try count(spool, endingAt: ends) else { return }
        var isFirst = true
        try spool.forEachBatch { batch throws(StageError) in
            let sorted = SortedRows(inOrder: batch)
            if isFirst {
                try cutter.begin(user, bytes: bytes, source: sorted, into: file)
                try index.add(user, key: 0, of: batch.users, byteOffset: file.bytesWritten)
                isFirst = false
            }
            try cutter.append(0..<batch.count, of: sorted, into: file)
            cutter.gather(sorted)
        }
        try cutter.end(source: SortedRows(inOrder: SampleBatch(file.schema)), into: file)
        tally.add(user)
    }

    /// Ends the bucket's files; `bytesSpilled` is what sorting took in temporary files.
    mutating func finish(bytesSpilled: Int = 0) throws(StageError) -> Outcome {
        try cutter.finish(into: file)
        ids.giveBack(file.takeCounters())
        return Outcome(
            bucket: PartitionManifest.Bucket(
                file: try file.finish(), samples: file.rowsWritten, users: tally.users, indexOffset: 0),
            tally: tally, moments: file.counts.moments, index: try index.finish(), bytesSpilled: bytesSpilled)
    }

    /// A user of so many samples; the cloud may see all train samples, or none of a held-out user.
    private func user(
        of count: Int, endingAt ends: (trainEnd: Int, validationEnd: Int), key row: Int, _ users: KeyColumn
    ) -> LocalDatasetCounts {
        var user = LocalDatasetCounts(
            samples: PartitionManifest.Counts(
                train: ends.trainEnd, validation: ends.validationEnd - ends.trainEnd,
                test: count - ends.validationEnd))
        user.isHeldOut = settings.heldOut?.contains(hash: UserHash.hash(row, of: users)) ?? false
        user.cloudSamples = user.isHeldOut ? 0 : ends.trainEnd
        return user
    }

    /// What there is of a user whose rows are in a file; nil where there are none.
    private func count(
        _ spool: SampleSpool, endingAt ends: (trainEnd: Int, validationEnd: Int)
    ) throws(StageError) -> LocalDatasetCounts? {
        var counted: LocalDatasetCounts?
        var place = 0
        var lastTime: Int64?
        try spool.forEachBatch { batch throws(StageError) in
            var user = counted ?? user(of: spool.count, endingAt: ends, key: 0, batch.users)
            // What the cloud may see is counted row by row here.
            if counted == nil { user.cloudSamples = 0 }
            for row in 0..<min(batch.count, ends.trainEnd - place) {
                let isPositive = batch.labels[row] == 1
                if isPositive { user.trainPositives += 1 }
                let time = batch.times[row]
                guard !user.isHeldOut, settings.cloudUntil.map({ time < $0 }) ?? true else { continue }
                if settings.history != nil, time != lastTime { user.pastSamples = user.cloudSamples }
                lastTime = time
                user.cloudSamples += 1
                if isPositive { user.cloudPositives += 1 }
            }
            place = min(place + batch.count, ends.trainEnd)
            counted = user
        }
        return counted
    }

    /// Where parts end in rows that come with them.
    private func ends(of parts: some Collection<Part?>) -> (trainEnd: Int, validationEnd: Int) {
        (parts.count { $0 == .train }, parts.count { $0 != .test })
    }
}
