public import Samples

extension PartitionStore {
    /// The index of all users, in store order. Holds about 50 bytes a user. Throws `data` if the keys take 2 GiB or more.
    public func users() throws(StageError) -> UserIndex {
        try users(limit: SampleBatch.columnLimit)
    }

    /// The index of all users; `limit` is the most of them, and bytes of their keys.
    func users(limit: Int) throws(StageError) -> UserIndex {
        var index = UserIndex(schema.userKind)
        try readIndex { batch throws(StageError) in
            guard index.users.fits(0..<batch.count, of: batch.users, limit: limit) else {
                throw StageError(
                    .data, "the index does not fit in memory: \(limit) users and bytes of their keys are the most",
                    at: SourcePosition(file: "\(path)/\(StoreLayout.index)"),
                    advice: "give users shorter keys")
            }
            index.append(contentsOf: 0..<batch.count, of: batch)
            return true
        }
        if let fault = IndexCheck.fault(in: index, manifest) { throw damaged(StoreLayout.index, fault) }
        return index
    }

    /// One user's samples in time order; nil if the store has no such user. Reads the bucket's part of the index up to the
    /// user, and of the bucket only the batches in which the user's rows stand. Throws `data` if they do not fit in one
    /// batch.
    public func localDataset(of user: UserKey) throws(StageError) -> SampleBatch? {
        try localDataset(of: user, limit: SampleBatch.columnLimit)
    }

    /// The samples of the user whose key is written as `text`, in time order. Throws `data` if there is no such user.
    public func localDataset(named text: String) throws(StageError) -> SampleBatch {
        let key: UserKey? =
            switch schema.userKind {
            case .integer: Int64(text).map { .integer($0) }
            case .text: .text(text)
            }
        guard let key, let samples = try localDataset(of: key) else {
            throw StageError(.data, "there is no user \(text) in this store", at: SourcePosition(file: path))
        }
        return samples
    }

    /// One user's samples; `limit` is the most rows, bytes of their keys and ids of a list.
    func localDataset(of user: UserKey, limit: Int) throws(StageError) -> SampleBatch? {
        let bucket = UInt32(UserHash.slice(UserHash.hash(user), of: manifest.buckets.count))
        var headerBytes: UInt64?
        var entry: UserIndex?
        try readIndex(fromBucket: Int(bucket)) { batch throws(StageError) in
            // The first user's batch comes right after the bucket's schema.
            if headerBytes == nil, let first = batch.buckets.firstIndex(of: bucket) {
                headerBytes = batch.byteOffsets[first]
            }
            guard let place = batch.place(of: user, in: bucket) else {
                return batch.buckets.last.map { $0 <= bucket } ?? true
            }
            var found = UserIndex(schema.userKind)
            found.append(contentsOf: place..<(place + 1), of: batch)
            entry = found
            return false
        }
        guard let entry, let headerBytes else { return nil }
        guard headerBytes <= entry.byteOffsets[0], entry.byteOffsets[0] < Int.max else {
            throw damaged(StoreLayout.index, "the places of the batches are out of order")
        }
        return try localDataset(entry, bucket: Int(bucket), headerBytes: Int(headerBytes), limit: limit)
    }

    /// Reads the rows that the only entry of `entry` names.
    private func localDataset(
        _ entry: UserIndex, bucket: Int, headerBytes: Int, limit: Int
    ) throws(StageError) -> SampleBatch {
        let name = StoreLayout.bucket(bucket)
        let check = SampleCheck(manifest)
        let file = try SampleFile(
            try StoreFileReader(opening: name, in: folder), headerBytes: headerBytes,
            from: Int(entry.byteOffsets[0]))
        var rows = SampleBatch(manifest.storedSchema, partitioned: true)
        let count = entry.samples(0)
        while rows.count < count, let batch = try file.nextBatch() {
            try check.check(batch, at: SourcePosition(file: "\(path)/\(name)"))
            guard batch.parts != nil else { throw damaged(name, "samples have no part") }
            for range in batch.userRanges where batch.users.isEqual(range.lowerBound, to: entry.users, 0) {
                guard rows.fits(range, of: batch, limit: limit) else {
                    throw StageError.userDoesNotFit(limit: limit)
                }
                rows.append(contentsOf: range, of: batch)
            }
            if !batch.continuesUser { break }
        }
        guard rows.count == count, rows.parts == entry.parts(of: 0),
            zip(rows.times, rows.times.dropFirst()).allSatisfy({ $0 <= $1 })
        else {
            throw damaged(name, "the samples of user \(entry.users[0]) are not those that the index names")
        }
        guard rows.count * (manifest.history?.length ?? 0) <= limit else {
            throw StageError.userDoesNotFit(limit: limit)
        }
        var view = StoredSampleView(manifest)
        return view.shown(rows)
    }

    /// Hands on the index batch by batch, from the first user of a bucket on, until `body` has seen enough.
    func readIndex(
        fromBucket bucket: Int = 0, _ body: (UserIndex) throws(StageError) -> Bool
    ) throws(StageError) {
        let file = try TableFile(
            try StoreFileReader(opening: StoreLayout.index, in: folder), headerBytes: manifest.buckets[0].indexOffset,
            from: manifest.buckets[bucket].indexOffset)
        while let batch = try file.nextBatch() {
            guard let users = UserIndex(batch, kind: manifest.storedSchema.userKind) else {
                throw damaged(StoreLayout.index, "its columns are not those of an index")
            }
            guard try body(users) else { return }
        }
    }
}
