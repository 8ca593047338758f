public import Samples

/// Small files, read or written whole on a thread of their own.
public enum FileContents {
    /// All bytes of a file or of standard input (`-`).
    ///
    /// Throws `environment` if it cannot be read, `data` if it holds more than `limit` bytes.
    public static func read(_ path: String, limit: Int) async throws(StageError) -> [UInt8] {
        let thread = BlockingThread()
        let cancellation = thread.cancellation
        return try await thread.run { () throws(StageError) in
            let file = try InputFile(path: path, cancellation: cancellation)
            let bytes = try read(file, atMost: limit + 1)
            guard bytes.count <= limit else {
                throw StageError(.data, "has more than \(limit) bytes", at: SourcePosition(file: file.name))
            }
            return bytes
        }
    }

    /// The first `count` bytes of a file, or fewer if it has fewer. Throws `environment` if it cannot be read.
    public static func head(of path: String, count: Int) async throws(StageError) -> [UInt8] {
        let thread = BlockingThread()
        let cancellation = thread.cancellation
        return try await thread.run { () throws(StageError) in
            try read(try InputFile(path: path, cancellation: cancellation), atMost: count)
        }
    }

    private static func read(_ file: InputFile, atMost count: Int) throws(StageError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(count, 1 << 16))
        while bytes.count < count {
            let wanted = min(chunk.count, count - bytes.count)
            let result = chunk.withUnsafeMutableBytes { buffer -> Result<Int, StageError> in
                do throws(StageError) {
                    return .success(try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])))
                } catch {
                    return .failure(error)
                }
            }
            let length = try result.get()
            if length == 0 { break }
            bytes += chunk[..<length]
        }
        return bytes
    }

    /// Writes a file whole, or a pipe, or standard output (`-`).
    public static func write(_ bytes: [UInt8], to path: String) async throws(StageError) {
        let sink = try await ByteSink(path: path)
        try await sink.write(bytes)
        try await sink.publish()
    }
}
