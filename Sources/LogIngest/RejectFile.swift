import ByteStreams
import OrderedJSON
public import Samples

/// Rows that made no sample, one JSON object a line: file, entry, line, byte offset, column, reason, text.
///
/// `line` counts from 1 and `byte_offset` from 0 in the decompressed file or entry; `entry` is null outside of archives,
/// `column` (a name) where the whole row is wrong. A text that is not UTF-8 stands as `text_hex` instead.
public final class RejectFile: Sendable {
    private let file: OutputFile

    /// A file that appears with `publish`.
    public init(path: String) throws(StageError) {
        file = try OutputFile(path: path)
    }

    /// Makes the file appear under its name; to be called once.
    public func publish() async throws(StageError) {
        try await BlockingThread().run { [file] () throws(StageError) in try file.publish() }
    }

    /// Leaves nothing behind, though the ingest's thread may still hold the file.
    public func discard() { file.discard() }

    func write(_ rejects: RejectList, cancellation: Cancellation) throws(StageError) {
        var text: [UInt8] = []
        for reject in rejects {
            text += reject.json.text(.oneLine).utf8
            text.append(0x0A)
            if text.count < Self.writtenBytes { continue }
            try file.write(text, cancellation: cancellation)
            text.removeAll(keepingCapacity: true)
        }
        if !text.isEmpty { try file.write(text, cancellation: cancellation) }
    }

    /// How much is written at once; the lines of a whole chunk may be a hundred times its text.
    private static let writtenBytes = 64 << 10
}

extension Reject {
    fileprivate var json: JSONValue {
        let string = String(validating: text, as: UTF8.self)
        return .object([
            "file": .string(position.file),
            "entry": position.entry.map { .string($0) } ?? .null,
            "line": position.line.map { .integer($0) } ?? .null,
            "byte_offset": position.byteOffset.map { .integer($0) } ?? .null,
            "column": column.map { .string($0) } ?? .null,
            "reason": .string(reason),
            string == nil ? "text_hex" : "text": .string(string ?? text.hexadecimal),
        ])
    }
}
