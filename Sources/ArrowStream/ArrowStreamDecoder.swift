public import ByteStreams
public import Samples

/// Reads an Arrow IPC stream, batch by batch, from any source of bytes.
///
/// Takes metadata of versions 4 and 5, buffers aligned to 8 or 64 bytes, every type of `ArrowType` but dictionaries of
/// lists, dictionaries sent whole, replaced or extended, and bodies compressed by LZ4 or zstd. A column of any other type
/// is an error that names it, so that nothing is dropped in silence. Where only some columns are wanted, others are passed
/// over unread, of whatever type but union.
///
/// The source is not trusted: whatever its bytes, a call returns or throws, takes time in proportion to what was read,
/// and allocates no more than the limits below. The stream has to end with its end-of-stream marker and the source right
/// behind it: a writer that failed writes none, and its half-written stream must not pass for a whole one.
///
/// Format: <https://arrow.apache.org/docs/format/Columnar.html>, "Serialization and Interprocess Communication".
public final class ArrowStreamDecoder {
    /// Reads some bytes into a buffer and returns how many; 0 at the end.
    public typealias Source = (UnsafeMutableRawBufferPointer) throws(StageError) -> Int

    /// Metadata of one message longer than this (16 MiB) is refused.
    public static let maximumMetadataBytes = 16 << 20
    /// A message's body longer than this (2 GiB), as it stands or decompressed, is refused. Below that, a message may
    /// expand to 64 MiB plus 1,024 times its own size.
    public static let maximumBodyBytes = Int(Int32.max)

    /// What the batches hold: the columns that are wanted.
    public let schema: ArrowSchema
    /// The names of all the stream's columns, in order.
    public let columnNames: [String]

    private let frames: FrameReader
    private let columns: [SchemaReader.Column]
    private let dictionaryLayouts: [Int64: ColumnLayout]
    private let skippedDictionaries: Set<Int64>
    private var dictionaries: [Int64: ArrowColumn] = [:]
    /// Dictionaries stay in memory, so what they expand to is counted over the whole stream.
    private var dictionaryAllowance = ExpansionAllowance()
    private var isAtEnd = false
    private var failure: StageError?

    /// Reads the schema from `source`, which errors call `name`. Only columns that `wanted` names are read; nil: all are.
    public init(name: String, wanted: Set<String>? = nil, _ source: @escaping Source) throws(StageError) {
        frames = FrameReader(name: name, source)
        let contents = try Self.schema(from: frames, wanted: wanted)
        schema = contents.schema
        columnNames = contents.columnNames
        columns = contents.columns
        dictionaryLayouts = contents.dictionaries
        skippedDictionaries = contents.skippedDictionaries
    }

    /// Reads the schema from `file`.
    public convenience init(_ file: InputFile) throws(StageError) {
        try self.init(name: file.name) { (buffer) throws(StageError) in try file.read(into: buffer) }
    }

    /// Reads the schema from bytes in memory.
    public convenience init(name: String, bytes: [UInt8]) throws(StageError) {
        var done = 0
        try self.init(name: name) { (buffer) throws(StageError) in
            let count = min(buffer.count, bytes.count - done)
            buffer.copyBytes(from: bytes[done..<done + count])
            done += count
            return count
        }
    }

    /// The source's name.
    public var name: String { frames.name }

    /// Where the message read last starts in the source, for errors about its content.
    public var position: SourcePosition { SourcePosition(file: name, byteOffset: frames.messageOffset) }

    /// The next batch; nil after the last. After an error every call throws it again.
    public func nextBatch() throws(StageError) -> ArrowBatch? {
        if let failure { throw failure }
        do throws(StageError) {
            return try readBatch()
        } catch {
            failure = error
            throw error
        }
    }

    private func readBatch() throws(StageError) -> ArrowBatch? {
        while !isAtEnd {
            guard let metadata = try frames.nextMetadata() else {
                try frames.requireEnd()
                isAtEnd = true
                break
            }
            let message = try frames.locating { () throws(FormatFault) in try ArrowMessage(metadata) }
            try frames.readBody(message.bodyLength)
            let batch = try frames.locating { () throws(FormatFault) in try take(message) }
            if let batch { return batch }
        }
        return nil
    }

    /// Takes a message in: a record batch comes back, a dictionary is kept.
    private func take(_ message: ArrowMessage) throws(FormatFault) -> ArrowBatch? {
        switch message.header {
        case .schema: throw FormatFault("a second schema")
        case .recordBatch(let header):
            var allowance = ExpansionAllowance()
            allowance.grant(bodyBytes: message.bodyLength)
            let columns = try ColumnReader.columns(
                columns, of: header, body: frames.body, dictionaries: dictionaries, allowance: &allowance)
            return ArrowBatch(schema, columns: columns, count: header.count, metadata: message.metadata)
        case .dictionaryBatch(let id, let isDelta, let header):
            if skippedDictionaries.contains(id) { return nil }
            guard let layout = dictionaryLayouts[id] else {
                throw FormatFault("a dictionary has the id \(id), which no column uses")
            }
            dictionaryAllowance.grant(bodyBytes: message.bodyLength)
            let values = try ColumnReader.columns(
                [.read(layout)], of: header, body: frames.body, dictionaries: dictionaries,
                allowance: &dictionaryAllowance)[0]
            if isDelta {
                guard dictionaries[id] != nil else {
                    throw FormatFault("column `\(layout.column)`: a dictionary is extended before it has come")
                }
                try dictionaries[id]?.append(values)
            } else {
                dictionaries[id] = values
            }
            return nil
        }
    }

    /// Reads the first message. If it is none at all, says what the source holds instead.
    private static func schema(
        from frames: FrameReader, wanted: Set<String>?
    ) throws(StageError) -> SchemaReader {
        let start = try frames.firstBytes()
        if start.starts(with: "ARROW1".utf8) {
            throw StageError(
                .data, "is an Arrow file, not an Arrow stream", at: SourcePosition(file: frames.name),
                advice: "write it with `pyarrow.ipc.new_stream` or polars' `write_ipc_stream`")
        }
        do throws(StageError) {
            guard let metadata = try frames.nextMetadata() else { throw frames.fault("the stream has no schema") }
            let message = try frames.locating { () throws(FormatFault) in
                try ArrowMessage(metadata, wanted: wanted)
            }
            try frames.readBody(message.bodyLength)
            guard case .schema(let contents) = message.header else {
                throw frames.fault("the stream does not start with a schema")
            }
            return contents
        } catch {
            // Streams from before Arrow 0.15 start with a length, as anything else might.
            let mayBeCutOff = start.allSatisfy { $0 == 0xFF }
            if error.code != .data || frames.hasSeenContinuation || mayBeCutOff { throw error }
            throw StageError(.data, "is not an Arrow stream", at: SourcePosition(file: frames.name))
        }
    }
}
