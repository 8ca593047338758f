import ArrowStream
import Samples

/// A table in a store's folder, read batch by batch.
struct TableFile {
    private let decoder: ArrowStreamDecoder

    /// Reads all batches of `file`.
    init(_ file: StoreFileReader) throws(StageError) {
        decoder = try ArrowStreamDecoder(name: file.path, file.source())
    }

    /// Reads the batches from byte `offset` on, at which one begins or the stream ends. What comes before the first batch
    /// are the first `headerBytes` of the file.
    init(_ file: StoreFileReader, headerBytes: Int, from offset: Int) throws(StageError) {
        decoder = try ArrowStreamDecoder(name: file.path, file.source(headerBytes: headerBytes, from: offset))
    }

    /// The next batch; nil at the end of the stream, which must be marked.
    func nextBatch() throws(StageError) -> ArrowBatch? {
        try decoder.nextBatch()
    }
}
