import Samples

/// Puts whole users together into batches of a store: up to 8,192 rows and 4 MiB, users larger than either in batches of
/// their own. Where batches are cut depends on the rows alone: it is part of what makes stores byte-identical.
struct BatchCutter {
    /// Most rows of a batch.
    static let mostRows = 8192
    /// Most bytes of a batch, parts not counted; only a single row beyond it makes a larger one.
    static let mostBytes = 4 << 20

    /// A finished batch.
    struct Batch {
        var samples: SampleBatch
        /// Of each row whether the cloud may see it.
        var isCloud: [Bool]
        /// Of each row whether it is earlier than another one of its user that the cloud may see.
        var isPast: [Bool]
    }

    private let schema: SampleSchema
    private var samples: SampleBatch
    private var parts: [Part] = []
    private var isCloud: [Bool] = []
    private var isPast: [Bool] = []
    private var bytes = 0
    /// Places of the source whose rows are in but not yet copied.
    private var waiting = 0..<0
    /// Whether the user at hand has batches of its own.
    private var isLarge = false
    /// The user at hand, and how many of its rows are in.
    private var user = LocalDatasetCounts(samples: PartitionManifest.Counts())
    private var userRows = 0

    /// No rows yet.
    init(_ schema: SampleSchema) {
        self.schema = schema
        samples = SampleBatch(schema, reserving: Self.mostRows, partitioned: true)
    }

    /// Begins a user of so many bytes. Writes the batch that it does not fit in.
    ///
    /// - Parameter source: where the rows come from that were appended last.
    mutating func begin(
        _ user: LocalDatasetCounts, bytes size: Int, source: SortedRows, into file: BucketFile
    ) throws(StageError) {
        let rows = user.samples.total
        if parts.count + rows > Self.mostRows || bytes + size > Self.mostBytes {
            try cut(goesOn: false, source, file)
        }
        isLarge = rows > Self.mostRows || size > Self.mostBytes
        self.user = user
        userRows = 0
        if !isLarge { bytes += size }
    }

    /// Appends the next rows of the user: those at some places of `source`. They are copied some time before `source`
    /// changes, at the latest by `gather`.
    mutating func append(
        _ places: Range<Int>, of source: SortedRows, into file: BucketFile
    ) throws(StageError) {
        guard isLarge else {
            wait(places, source)
            return
        }
        var start = places.lowerBound
        var count = parts.count
        for place in places {
            let row = Int(source.order[place])
            let size = source.rows.rowBytes(row..<row + 1)
            if count == Self.mostRows || bytes + size > Self.mostBytes {
                wait(start..<place, source)
                try cut(goesOn: true, source, file)
                (start, count) = (place, 0)
            }
            bytes += size
            count += 1
        }
        wait(start..<places.upperBound, source)
    }

    /// Ends the user.
    mutating func end(source: SortedRows, into file: BucketFile) throws(StageError) {
        if isLarge { try cut(goesOn: false, source, file) }
        isLarge = false
    }

    /// Copies the rows that wait out of `source`.
    mutating func gather(_ source: SortedRows) {
        samples.append(gathering: source.order[waiting], of: source.rows)
        waiting = 0..<0
    }

    /// Writes the last batch, all of whose rows were gathered.
    mutating func finish(into file: BucketFile) throws(StageError) {
        try cut(goesOn: false, nil, file)
    }

    /// Users mostly follow one another: their rows are copied together.
    private mutating func wait(_ places: Range<Int>, _ source: SortedRows) {
        if waiting.upperBound == places.lowerBound && !waiting.isEmpty {
            waiting = waiting.lowerBound..<places.upperBound
        } else {
            if !waiting.isEmpty { gather(source) }
            waiting = places
        }
        appendParts(userRows..<userRows + places.count)
        userRows += places.count
    }

    private mutating func appendParts(_ places: Range<Int>) {
        let trainEnd = user.samples.train
        let validationEnd = trainEnd + user.samples.validation
        parts.append(contentsOf: repeatElement(.train, count: places.clamped(to: 0..<trainEnd).count))
        parts.append(contentsOf: repeatElement(.validation, count: places.clamped(to: trainEnd..<validationEnd).count))
        parts.append(
            contentsOf: repeatElement(.test, count: places.clamped(to: validationEnd..<user.samples.total).count))
        isCloud.append(first: user.cloudSamples, of: places)
        isPast.append(first: user.pastSamples, of: places)
    }

    private mutating func cut(
        goesOn: Bool, _ source: SortedRows?, _ file: BucketFile
    ) throws(StageError) {
        guard !parts.isEmpty else { return }
        if let source { gather(source) }
        var whole = samples
        samples = SampleBatch(schema, reserving: Self.mostRows, partitioned: true)
        whole.parts = parts
        whole.continuesUser = goesOn
        let batch = Batch(samples: whole, isCloud: isCloud, isPast: isPast)
        parts.removeAll(keepingCapacity: true)
        isCloud.removeAll(keepingCapacity: true)
        isPast.removeAll(keepingCapacity: true)
        bytes = 0
        try file.write(batch)
    }
}

extension [Bool] {
    /// Appends, for each place, whether it is one of the first `count`.
    fileprivate mutating func append(first count: Int, of places: Range<Int>) {
        let first = places.clamped(to: 0..<count).count
        append(contentsOf: repeatElement(true, count: first))
        append(contentsOf: repeatElement(false, count: places.count - first))
    }
}
