import ByteStreams
import Samples

/// A file's bytes, read ahead block by block by one thread; a cancellation wakes it where it waits for a pipe.
///
/// Pointers that it gives are valid until its next call.
final class InputBlocks {
    private let file: InputFile
    private let buffer: UnsafeMutableRawBufferPointer
    /// Where in `buffer` the bytes stand that were read but not handed out.
    private var rest = 0..<0

    /// Blocks of `file`, of at most `blockBytes` each.
    init(_ file: InputFile, blockBytes: Int = 256 * 1024) {
        self.file = file
        buffer = .allocate(byteCount: blockBytes, alignment: 64)
    }

    deinit {
        buffer.deallocate()
    }

    /// The file as the user named it.
    var name: String { file.name }
    /// Size of a regular file; nil for pipes.
    var size: Int? { file.size }
    /// Bytes read of the file, handed out or not.
    var bytesRead: Int { file.bytesRead }
    /// Bytes handed out.
    var bytesTaken: Int { file.bytesRead - rest.count }

    /// The next `count` bytes without taking them; fewer if the file ends or `count` is more than a block.
    func peek(_ count: Int) throws(StageError) -> UnsafeRawBufferPointer {
        // Only a file's start is peeked at, where the buffer is filled from its start.
        while rest.count < count && rest.upperBound < buffer.count {
            let read = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[rest.upperBound...]))
            if read == 0 { break }
            rest = rest.lowerBound..<(rest.upperBound + read)
        }
        return UnsafeRawBufferPointer(rebasing: buffer[rest].prefix(count))
    }

    /// Takes the next block; empty at the end of the file.
    func next() throws(StageError) -> UnsafeRawBufferPointer {
        if rest.isEmpty { rest = 0..<(try file.read(into: buffer)) }
        defer { rest = 0..<0 }
        return UnsafeRawBufferPointer(rebasing: buffer[rest])
    }

    /// Takes some bytes into a buffer that is not empty, straight from the file where nothing was read ahead; 0 at the end.
    func read(into target: UnsafeMutableRawBufferPointer) throws(StageError) -> Int {
        guard !rest.isEmpty else { return try file.read(into: target) }
        let count = min(rest.count, target.count)
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[rest].prefix(count)))
        rest = (rest.lowerBound + count)..<rest.upperBound
        return count
    }
}
