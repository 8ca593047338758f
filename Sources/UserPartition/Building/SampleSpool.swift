import ArrowStream
import Samples

/// Batches put aside in a temporary file and read back in the order written; the file goes with this object.
final class SampleSpool {
    /// Rows written.
    private(set) var count = 0

    private let name: String
    private let folder: Folder
    private let encoder: SampleStreamEncoder
    private let file: StoreFile

    /// An empty file for batches with parts or without; `name` is not taken in `folder`.
    init(
        _ name: String, schema: SampleSchema, partitioned: Bool = false, in folder: Folder
    ) throws(StageError) {
        self.name = name
        self.folder = folder
        encoder = SampleStreamEncoder(schema: schema, partitioned: partitioned, corrected: false)
        file = try StoreFile(creating: name, in: folder, isHashed: false)
        try file.write(encoder.start())
    }

    deinit {
        // A folder that is put in place or removed as a whole: what stays here is found there.
        do throws(StageError) { try folder.remove(name) } catch {}
    }

    /// Bytes written.
    var byteCount: Int { file.bytesWritten }

    /// Appends a batch.
    func write(_ batch: SampleBatch) throws(StageError) {
        try file.write(encoder.encode(batch))
        count += batch.count
    }

    /// To be called once, after the last batch.
    func close() throws(StageError) {
        try file.write(encoder.end())
        try file.close()
    }

    /// Reads all batches, from the first.
    func reader() throws(StageError) -> SampleFile {
        try SampleFile(try StoreFileReader(opening: name, in: folder))
    }

    /// Hands on all batches, from the first.
    func forEachBatch(_ body: (SampleBatch) throws(StageError) -> Void) throws(StageError) {
        let file = try reader()
        while let batch = try file.nextBatch() { try body(batch) }
    }
}
