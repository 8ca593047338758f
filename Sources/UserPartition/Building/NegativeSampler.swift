import Samples

/// Adds drawn negatives to the samples of sorted, split buckets.
struct NegativeSampler: Sendable {
    private let settings: NegativeSettings
    private let item: Int
    private let draw: ItemDraw
    private let features: ItemFeatures

    /// A sampler that draws from what was counted over all buckets.
    init(_ settings: NegativeSettings, item: Int, counter: TrainCounter, features: ItemFeatures) {
        self.settings = settings
        self.item = item
        self.features = features
        draw = ItemDraw(counter, settings.draw)
    }

    /// Hands on the samples of a bucket with their negatives, in order, some thousand at a time. Returns how many were drawn, and how many could not
    /// be.
    ///
    /// - Parameters:
    ///   - name: the bucket's file, which is read twice at once.
    ///   - stop: is asked once a batch.
    func expand(
        _ name: String, in folder: Folder, stop: StopSignal, _ body: (SampleBatch) throws(StageError) -> Void
    ) throws(StageError) -> (drawn: Int, missing: Int) {
        var scout = PositivesScout(
            try SampleFile(try StoreFileReader(opening: name, in: folder)), item: item)
        let file = try SampleFile(try StoreFileReader(opening: name, in: folder))
        var counts = (drawn: 0, missing: 0)
        var positives = PositivesScout.Positives()
        var random = UserRandom(hash: 0, seed: 0)
        var continuesUser = false
        while let batch = try file.nextBatch() {
            try stop.check()
            if batch.count == 0 { continue }
            var rows: [UInt32] = []
            // The item of a drawn row; nil for one that was there.
            var items: [UInt32?] = []
            var bytes = 0
            for range in batch.userRanges {
                if !(continuesUser && range.lowerBound == 0) {
                    positives = try scout.next()
                    random = UserRandom(hash: UserHash.hash(range.lowerBound, of: batch.users), seed: settings.seed)
                }
                for row in range {
                    let size = batch.rowBytes(row..<row + 1)
                    var drawn: [UInt32?] = [nil]
                    if batch.labels[row] == 1 {
                        let unwanted = positives.unwanted(batch.parts?[row] ?? .train)
                        for _ in 0..<settings.perPositive {
                            if let item = draw.item(&random, without: unwanted) { drawn.append(item) }
                        }
                        counts.drawn += drawn.count - 1
                        counts.missing += settings.perPositive - (drawn.count - 1)
                    }
                    for item in drawn {
                        // In pieces: one batch may come to a thousand times its size.
                        if rows.count == Self.mostRows || !rows.isEmpty && bytes + size > Self.mostBytes {
                            try body(expanded(batch, rows: rows, items: items))
                            rows.removeAll(keepingCapacity: true)
                            items.removeAll(keepingCapacity: true)
                            bytes = 0
                        }
                        rows.append(UInt32(row))
                        items.append(item)
                        bytes += size
                    }
                }
            }
            continuesUser = batch.continuesUser
            if !rows.isEmpty { try body(expanded(batch, rows: rows, items: items)) }
        }
        return counts
    }

    /// Most rows and bytes handed on at once, but for a single row.
    private static let mostRows = 8192
    private static let mostBytes = 1 << 20

    private func expanded(_ batch: SampleBatch, rows: [UInt32], items: [UInt32?]) -> SampleBatch {
        var result = SampleBatch(batch.schema, reserving: rows.count, partitioned: true)
        result.append(gathering: rows[...], of: batch)
        for place in items.indices where items[place] != nil { result.labels[place] = 0 }
        guard case .categorical(var ids) = result.features[item] else { return result }
        for (place, drawn) in items.enumerated() { if let drawn { ids[place] = drawn } }
        result.features[item] = .categorical(ids)
        for (index, column) in features.columns.enumerated() {
            var values = FeatureColumn(batch.schema.features[column].kind)
            for (place, drawn) in items.enumerated() {
                if let drawn {
                    features.append(index, of: drawn, to: &values)
                } else {
                    values.append(contentsOf: place..<place + 1, of: result.features[column])
                }
            }
            result.features[column] = values
        }
        return result
    }
}
