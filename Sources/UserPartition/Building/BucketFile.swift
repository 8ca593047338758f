import ArrowStream
import Samples

/// The file of one bucket while it is written, and what is counted of the rows on the way.
final class BucketFile {
    /// What is counted of the samples that the cloud may see.
    private(set) var counts: CloudCounts
    /// Rows written.
    private(set) var rowsWritten = 0

    /// What a row consists of.
    let schema: SampleSchema

    private let encoder: SampleStreamEncoder
    private let file: StoreFile
    private let stop: StopSignal

    /// An empty file.
    init(
        _ name: String, _ schema: SampleSchema, isHashed: Bool, counting counts: CloudCounts, folder: Folder,
        stop: StopSignal
    ) throws(StageError) {
        self.schema = schema
        encoder = SampleStreamEncoder(schema: schema, partitioned: true, corrected: false)
        self.counts = counts
        self.stop = stop
        file = try StoreFile(creating: name, in: folder, isHashed: isHashed)
        try file.write(encoder.start())
    }

    /// Where the next batch will begin.
    var bytesWritten: Int { file.bytesWritten }

    /// Appends a batch.
    func write(_ batch: BatchCutter.Batch) throws(StageError) {
        try stop.check()
        counts.add(batch)
        try file.write(encoder.encode(batch.samples))
        rowsWritten += batch.samples.count
    }

    /// The counters of ids, which the next file's counts may go on with.
    func takeCounters() -> [TrainCounter] { counts.takeCounters() }

    /// Ends the stream and closes the file.
    func finish() throws(StageError) -> PartitionManifest.File {
        try file.write(encoder.end())
        return try file.finish()
    }
}
