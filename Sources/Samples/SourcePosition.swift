/// A place in an input: file, archive entry, line, column, byte offset. Every part but the file may be missing.
public struct SourcePosition: Sendable, Hashable {
    /// The file as the user named it; `<stdin>` for standard input.
    public var file: String
    /// The entry's path inside an archive.
    public var entry: String?
    /// The line, from 1.
    public var line: Int?
    /// The column in characters (settings files) or fields (logs), from 1.
    public var column: Int?
    /// Bytes from the start of the decompressed entry or file, from 0.
    public var byteOffset: Int?

    /// A place in `file`.
    public init(
        file: String, entry: String? = nil, line: Int? = nil, column: Int? = nil, byteOffset: Int? = nil
    ) {
        self.file = file
        self.entry = entry
        self.line = line
        self.column = column
        self.byteOffset = byteOffset
    }
}

extension SourcePosition: CustomStringConvertible {
    /// `file:line:column`, with the entry as `file(entry)`, or `file: byte n` where there is no line.
    public var description: String {
        var text = file
        if let entry { text += "(\(entry))" }
        if let line {
            text += ":\(line)"
            if let column { text += ":\(column)" }
        } else if let byteOffset {
            text += ": byte \(byteOffset)"
        }
        return text
    }
}
