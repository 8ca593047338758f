import ByteStreams
import Samples

/// The lines of a file, each held whole and no more than one block of others.
struct FileLines {
    private static let blockBytes = 1 << 16

    private let file: InputFile
    private let limit: Int
    private var bytes: [UInt8] = []
    private var start = 0
    private var isAtEnd = false
    /// Lines handed out.
    private(set) var count = 0

    /// The lines of `file`, of at most `limit` bytes.
    init(_ file: InputFile, limit: Int) {
        self.file = file
        self.limit = limit
    }

    /// The next line without its line feed, which the last one need not have; nil at the end.
    mutating func next() throws(StageError) -> ArraySlice<UInt8>? {
        guard let line = try peek() else {
            guard start < bytes.count else { return nil }
            throw StageError(
                .data, "a line has more than \(limit) bytes", at: SourcePosition(file: file.name, line: count + 1))
        }
        start = min(line.endIndex + 1, bytes.count)
        count += 1
        return line
    }

    /// The line that `next` will give; nil at the end, and for one that is too long.
    mutating func peek() throws(StageError) -> ArraySlice<UInt8>? {
        var searched = start
        while true {
            if let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                return end - start > limit ? nil : bytes[start..<end]
            }
            searched = bytes.count
            guard bytes.count - start <= limit else { return nil }
            if isAtEnd { return start < bytes.count ? bytes[start...] : nil }
            bytes.removeFirst(start)
            searched -= start
            start = 0
            try readBlock()
        }
    }

    /// All that was not handed out. Throws `data` if that is more than `most` bytes.
    mutating func rest(atMost most: Int) throws(StageError) -> [UInt8] {
        bytes.removeFirst(start)
        start = 0
        while !isAtEnd {
            guard bytes.count <= most else {
                throw StageError(.data, "has more than \(most) bytes", at: SourcePosition(file: file.name))
            }
            try readBlock()
        }
        return bytes
    }

    private mutating func readBlock() throws(StageError) {
        var block = [UInt8](repeating: 0, count: Self.blockBytes)
        let result = block.withUnsafeMutableBytes { buffer in
            Result { () throws(StageError) in try self.file.read(into: buffer) }
        }
        let length = try result.get()
        isAtEnd = length == 0
        bytes += block[..<length]
    }
}
