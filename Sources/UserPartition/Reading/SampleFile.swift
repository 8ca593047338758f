import ArrowStream
import Samples

/// A sample stream in a store's folder, read batch by batch.
struct SampleFile {
    private let decoder: SampleStreamDecoder

    /// Reads all batches of `file`.
    init(_ file: StoreFileReader) throws(StageError) {
        decoder = try SampleStreamDecoder(ArrowStreamDecoder(name: file.path, file.source()))
    }

    /// Reads the batches from byte `offset` on, at which one begins. The schema and what else comes before the first
    /// batch are the first `headerBytes` of the file.
    init(_ file: StoreFileReader, headerBytes: Int, from offset: Int) throws(StageError) {
        decoder = try SampleStreamDecoder(
            ArrowStreamDecoder(name: file.path, file.source(headerBytes: headerBytes, from: offset)))
    }

    /// The next batch; nil at the end of the stream, which must be marked.
    func nextBatch() throws(StageError) -> SampleBatch? {
        try decoder.nextBatch()
    }
}
