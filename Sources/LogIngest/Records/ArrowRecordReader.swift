import ArrowStream
import CFieldSplit
import Samples

/// Reads the wanted columns of an Arrow stream as records: rows of text, as other logs hold them.
///
/// `ArrowCellWriter` says what the text of a value is. Lines are rows: the first row of the stream is line 1. A stream that
/// ends before its end-of-stream marker, is damaged or holds a wanted column of a type that is not read is an error; a
/// value that cannot be text is a fault of its row.
struct ArrowRecordReader {
    /// The columns of each block, in this order.
    let columnNames: [String]

    private let decoder: ArrowStreamDecoder
    private let position: SourcePosition
    private let mostRecordBytes: Int
    /// Where the columns stand in the decoder's batches.
    private let indices: [Int]
    private var batch: ArrowBatch?
    /// The next row of `batch`.
    private var row = 0

    /// A block ends with the row that reaches either.
    private static let blockRows = 1 << 16
    private static let blockBytes = 1 << 20

    /// Reads the stream's schema. Throws `data` if it is no Arrow stream or a wanted column is not in it.
    ///
    /// - Parameters:
    ///   - wanted: the columns to read; no other is looked at.
    ///   - position: the file and entry that the stream is from.
    ///   - mostRecordBytes: the longest row that is read, as text.
    ///   - read: reads some bytes into a buffer and returns how many; 0 at the end.
    init(
        wanted: [String], position: SourcePosition, mostRecordBytes: Int = 1 << 20,
        read: @escaping (UnsafeMutableRawBufferPointer) throws(StageError) -> Int
    ) throws(StageError) {
        columnNames = wanted
        self.position = position
        self.mostRecordBytes = mostRecordBytes
        do throws(StageError) {
            decoder = try ArrowStreamDecoder(name: position.file, wanted: Set(wanted), read)
        } catch {
            throw Self.located(error, at: position)
        }
        let names = ColumnNames(decoder.columnNames)
        var indices: [Int] = []
        for name in wanted {
            _ = try names.index(of: name, at: position)
            if let index = decoder.schema.fields.firstIndex(where: { $0.name == name }) { indices.append(index) }
        }
        self.indices = indices
    }

    /// The next rows, at most 65,536 of them, or fewer where their text comes to 1 MiB; nil after the last.
    ///
    /// A record's own text is that of its fields with tabs between them.
    mutating func next() throws(StageError) -> RecordBlock? {
        while true {
            if let batch, row < batch.count { return block(of: batch) }
            do throws(StageError) {
                batch = try decoder.nextBatch()
            } catch {
                throw Self.located(error, at: position)
            }
            row = 0
            if batch == nil { return nil }
        }
    }

    private mutating func block(of batch: ArrowBatch) -> RecordBlock {
        let writers = indices.map { ArrowCellWriter(batch.columns[$0], batch.schema.fields[$0].type) }
        var block = RecordBlock()
        block.columnCount = writers.count
        while row < batch.count, block.lineCount < Self.blockRows, block.bytes.count < Self.blockBytes {
            Self.append(row, writers, mostRecordBytes, to: &block)
            block.lineCount += 1
            row += 1
        }
        block.textCount = block.bytes.count
        return block
    }

    private static func append(
        _ row: Int, _ writers: [ArrowCellWriter], _ mostRecordBytes: Int, to block: inout RecordBlock
    ) {
        let start = block.bytes.count
        let firstField = block.fields.count
        for (column, writer) in writers.enumerated() {
            if column > 0 { block.bytes.append(0x09) }
            let fieldStart = block.bytes.count
            do throws(ArrowCellWriter.Fault) {
                try writer.append(row, to: &block.bytes, upTo: start + mostRecordBytes)
            } catch {
                block.fields.removeLast(block.fields.count - firstField)
                block.faults.append(
                    RecordFault(
                        line: block.lineCount, column: column, start: start, end: block.bytes.count,
                        place: start, message: error.message(mostRecordBytes: mostRecordBytes)))
                return
            }
            block.fields.append(RecordBlock.Field(start: Int32(fieldStart), end: Int32(block.bytes.count)))
        }
        block.records.append(
            RecordBlock.Record(
                line: Int32(truncatingIfNeeded: block.lineCount), start: Int32(start), end: Int32(block.bytes.count)))
    }

    /// The decoder knows of files only; the entry is added.
    private static func located(_ error: StageError, at position: SourcePosition) -> StageError {
        guard var place = error.position else { return error }
        place.entry = position.entry
        return StageError(error.code, error.message, at: place, advice: error.advice)
    }
}
