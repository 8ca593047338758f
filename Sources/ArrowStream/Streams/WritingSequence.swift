public import ByteStreams
public import Samples

/// The batches of another stream, written to a file as they pass.
///
/// The file appears when the base has ended. If the base fails, or the consumer stops before the end, the file does not
/// appear, and a pipe gets no end marker. One pass only: the sink takes one stream.
public struct WritingSequence<Base>: AsyncSequence, Sendable
where Base: AsyncSequence & Sendable, Base.Element: StreamBatch, Base.Failure == StageError {
    /// The base's batches.
    public typealias Element = Base.Element
    /// The base's failure, or that of writing.
    public typealias Failure = StageError

    let base: Base
    let sink: ByteSink

    /// An iterator over the base that writes what it gives.
    public func makeAsyncIterator() -> Iterator {
        Iterator(base: base.makeAsyncIterator(), writer: StreamWriter(sink, .arrow))
    }

    /// Single-pass.
    public struct Iterator: AsyncIteratorProtocol {
        var base: Base.AsyncIterator
        var writer: StreamWriter<Base.Element>
        var isFinished = false

        /// The next batch, once it is written; nil once the file is whole.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(StageError) -> Base.Element? {
            if isFinished { return nil }
            // Set before anything can fail: whoever asks again after an error must not get the file finished.
            isFinished = true
            guard let batch = try await base.next(isolation: actor) else {
                try await writer.finish()
                return nil
            }
            try await writer.write(batch)
            isFinished = false
            return batch
        }
    }
}

@available(*, unavailable)
extension WritingSequence.Iterator: Sendable {}

extension AsyncSequence where Self: Sendable, Element: StreamBatch, Failure == StageError {
    /// Writes the batches to `sink` as Arrow while they go by.
    public func writing(to sink: ByteSink) -> WritingSequence<Self> {
        WritingSequence(base: self, sink: sink)
    }

    /// Writes all batches to `sink`, then the end marker, and publishes it. If this stream fails, nothing is published.
    ///
    /// - Returns: what was written.
    public func write(to sink: ByteSink, as format: StreamFormat) async throws(StageError) -> StreamCounts {
        var writer = StreamWriter<Element>(sink, format)
        for try await batch in self { try await writer.write(batch) }
        try await writer.finish()
        return writer.counts
    }

    /// Goes on with a stream whose first part is in `sink` already: the file becomes the same bytes as if it were written at
    /// once. Else as `write(to:as:)`.
    ///
    /// - Parameter afterEach: called when a batch is handed to the system, with what is written so far.
    public func write(
        to sink: ByteSink, as format: StreamFormat, continuing stream: StartedStream<Element>,
        afterEach: (StreamCounts) async throws(StageError) -> Void
    ) async throws(StageError) -> StreamCounts {
        var writer = StreamWriter<Element>(sink, format, continuing: stream)
        for try await batch in self {
            try await writer.write(batch)
            try await afterEach(writer.counts)
        }
        try await writer.finish()
        return writer.counts
    }
}
