import ByteStreams
import Samples

/// Writes the batches of one stream to a sink, one after another.
///
/// Unless `finish` is reached there is no end marker and no file: released earlier, the sink leaves nothing.
struct StreamWriter<Batch: StreamBatch> {
    private let sink: ByteSink
    private let format: StreamFormat
    private var encoder: Batch.Encoder?
    private(set) var counts = StreamCounts()

    init(_ sink: ByteSink, _ format: StreamFormat) {
        self.sink = sink
        self.format = format
    }

    /// Goes on behind what an earlier writer of the same stream left in the sink, if that was anything.
    init(_ sink: ByteSink, _ format: StreamFormat, continuing stream: StartedStream<Batch>) {
        self.init(sink, format)
        counts = stream.counts
        if counts.bytes > 0 { encoder = stream.encoder }
    }

    mutating func write(_ batch: Batch) async throws(StageError) {
        if Task.isCancelled { throw .cancelled }
        var bytes: [UInt8] = []
        if encoder == nil {
            let encoder = batch.makeEncoder()
            self.encoder = encoder
            bytes = start(encoder)
        }
        if let encoder { bytes += encode(batch, encoder) }
        try await sink.write(bytes)
        counts.rows += batch.count
        counts.batches += 1
        counts.bytes += bytes.count
    }

    /// Writes the end marker and publishes the sink.
    mutating func finish() async throws(StageError) {
        guard let encoder else {
            throw StageError(.data, "there is nothing to write, not even a schema", at: SourcePosition(file: sink.name))
        }
        if format == .arrow {
            let bytes = encoder.end()
            try await sink.write(bytes)
            counts.bytes += bytes.count
        }
        try await sink.publish()
    }

    private func start(_ encoder: Batch.Encoder) -> [UInt8] {
        switch format {
        case .arrow: encoder.start()
        case .jsonl: []
        case .csv: ArrowTextEncoder(schema: encoder.arrow.schema, style: .csv).start()
        }
    }

    private func encode(_ batch: Batch, _ encoder: Batch.Encoder) -> [UInt8] {
        let style: ArrowTextEncoder.Style
        switch format {
        case .arrow: return encoder.encode(batch)
        case .jsonl: style = .jsonLines
        case .csv: style = .csv
        }
        return ArrowTextEncoder(schema: encoder.arrow.schema, style: style).encode(encoder.arrowBatch(batch))
    }
}
