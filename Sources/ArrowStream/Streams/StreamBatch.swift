public import ByteStreams
public import Samples

/// A batch that flows between stages, and how it travels through files and pipes.
///
/// The first batch of every stream carries the schema and may have no rows. What is written is read back batch by batch,
/// so a stage sees the same batches in one process and behind a pipe.
public protocol StreamBatch: Sendable {
    /// Turns batches into Arrow.
    associatedtype Encoder: StreamEncoder where Encoder.Batch == Self
    /// Turns Arrow into batches.
    associatedtype Decoder: StreamDecoder where Decoder.Batch == Self

    /// Number of rows.
    var count: Int { get }

    /// An encoder for the stream that starts with this batch.
    func makeEncoder() -> Encoder
}

/// Turns the batches of one stream into Arrow. Synchronous; the bytes of a batch depend on that batch alone.
public protocol StreamEncoder: Sendable {
    /// What is encoded.
    associatedtype Batch

    /// The encoder of the Arrow batches; its schema has the stream's roles and notes.
    var arrow: ArrowStreamEncoder { get }

    /// A batch as Arrow columns. Cost: no copy of long columns.
    func arrowBatch(_ batch: Batch) -> ArrowBatch
}

extension StreamEncoder {
    /// The stream's first bytes.
    public func start() -> [UInt8] { arrow.start() }

    /// The bytes of one batch.
    public func encode(_ batch: Batch) -> [UInt8] { arrow.encode(arrowBatch(batch)) }

    /// The end-of-stream marker, without which no reader accepts the stream.
    public func end() -> [UInt8] { arrow.end() }
}

/// Reads the batches of one stream. Synchronous; used by one thread.
public protocol StreamDecoder {
    /// What is decoded.
    associatedtype Batch

    /// Reads the schema from `file`.
    init(_ file: InputFile) throws(StageError)

    /// The next batch; nil after the last. The first call gives a batch, without rows if the stream has none.
    func nextBatch() throws(StageError) -> Batch?
}

extension SampleBatch: StreamBatch {
    /// Reads streams of samples.
    public typealias Decoder = SampleStreamDecoder

    /// An encoder for samples as this one: partitioned or not, corrected or not.
    public func makeEncoder() -> SampleStreamEncoder {
        SampleStreamEncoder(schema: schema, partitioned: parts != nil, corrected: correctedLabels != nil)
    }
}

extension PredictionBatch: StreamBatch {
    /// Reads streams of predictions.
    public typealias Decoder = PredictionStreamDecoder

    /// An encoder for predictions of this schema.
    public func makeEncoder() -> PredictionStreamEncoder {
        PredictionStreamEncoder(schema: schema)
    }
}

extension ThreadedSequence where Element: StreamBatch {
    /// The batches of the Arrow stream in the file at `path`, or on standard input for `-`, read on a thread of their own.
    /// The first element comes even if the stream has no rows.
    public init(arrowStream path: String) {
        self.init { (output) throws(StageError) in
            let decoder = try Element.Decoder(InputFile(path: path, cancellation: output.cancellation))
            while let batch = try decoder.nextBatch() { try output.send(batch) }
        }
    }
}
