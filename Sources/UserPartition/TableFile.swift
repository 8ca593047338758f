import ArrowStream
import Samples

/// A table in a store's folder, read batch by batch.
struct TableFile {
    private let decoder: ArrowStreamDecoder

    /// Reads all batches of `file`.
    init(_ file: StoreFileReader) throws(StageError) {
        decoder = try ArrowStreamDecoder(name: file.path, file.source())
    }

    /// The next batch; nil at the end of the stream, which must be marked.
    func nextBatch() throws(StageError) -> ArrowBatch? {
        try decoder.nextBatch()
    }
}
