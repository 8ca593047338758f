public import ByteStreams
public import Samples

/// A partition store on disk, as `partition` made it.
///
/// Nothing read from it is trusted: what is damaged ends with an error that names the file. Calls that return no
/// sequence block; tasks make them on a `BlockingThread`.
public struct PartitionStore: Sendable {
    /// The store's folder as the user named it.
    public let path: String
    /// What the store says of itself.
    public let manifest: PartitionManifest

    let folder: Folder
    /// The users whose samples are read; nil for all.
    var selection: UserSelection?
    /// Whether held-out users' samples are not read.
    var leavesOutHeldOut = false

    /// Opens the store at `path` and checks that its manifest makes sense and that every file is there in full length;
    /// whether their content is right too, `verify` finds out.
    ///
    /// Throws `environment` if there is no folder or a file is missing, `data` for what is no store, made by a newer
    /// version, or damaged.
    public init(opening path: String) throws(StageError) {
        self.path = path
        folder = try Folder(opening: path, followsLinks: true)
        manifest = try PartitionManifest(of: folder)
        for (name, file) in manifest.files {
            let size = try StoreFileReader(opening: name, in: folder).size
            guard size == file.bytes else {
                throw damaged(name, "it has \(size) bytes, and the manifest says \(file.bytes)")
            }
        }
    }

    /// What a sample consists of, histories included.
    public var schema: SampleSchema { manifest.schema }

    /// All selected users' samples in store order: whole users a batch, or for a large one several batches that say so.
    /// Dense features are scaled and histories made as the settings say. Every iteration reads the store anew, on a thread
    /// of its own.
    public func localDatasets() -> ThreadedSequence<SampleBatch> { localDatasets(fromBucket: 0) }

    /// Likewise of the buckets from one on; no batch spans two. Where that is not the first, a stream of no users is empty.
    public func localDatasets(fromBucket first: Int) -> ThreadedSequence<SampleBatch> {
        ThreadedSequence { output throws(StageError) in
            var view = StoredSampleView(manifest)
            var isEmpty = first == 0
            for bucket in manifest.buckets.indices[first...] {
                try read(bucket) { batch throws(StageError) in
                    if output.cancellation.isCancelled { throw .cancelled }
                    let rows = selectedRows(of: batch) ?? batch
                    if rows.count == 0 { return }
                    isEmpty = false
                    try output.send(view.shown(rows))
                }
            }
            if isEmpty { try output.send(SampleBatch(schema, partitioned: true)) }
        }
    }

    /// The counts, over selected users' samples that the cloud may see, of each feature that has ids, in the schema's order.
    public func trainCounts() throws(StageError) -> [TrainCounts] {
        if selection != nil { return try countSelected() }
        var reader = TrainCountsReader(manifest)
        let file = try TableFile(try StoreFileReader(opening: StoreLayout.trainCounts, in: folder))
        while let batch = try file.nextBatch() {
            guard reader.add(batch) else {
                throw damaged(StoreLayout.trainCounts, "its rows are no counts of this store")
            }
        }
        return reader.counts
    }

    /// Hands on the batches of one bucket, each checked.
    func read(
        _ bucket: Int, _ body: (SampleBatch) throws(StageError) -> Void
    ) throws(StageError) {
        let name = StoreLayout.bucket(bucket)
        let check = SampleCheck(manifest)
        var order = StoreOrder(manifest, bucket: bucket)
        let file = try SampleFile(try StoreFileReader(opening: name, in: folder))
        while let batch = try file.nextBatch() {
            try check.check(batch, at: SourcePosition(file: "\(path)/\(name)"))
            if let fault = order.fault(in: batch) { throw damaged(name, fault) }
            if batch.count > 0 { try body(batch) }
        }
        if let fault = order.faultAtEnd { throw damaged(name, fault) }
    }

    func damaged(_ name: String, _ fault: String) -> StageError {
        StageError(
            .data, "the store is damaged: \(fault)", at: SourcePosition(file: "\(path)/\(name)"),
            advice: "make the store again")
    }
}
