import Samples

/// The first bytes of a stream: read to look at them, handed out before the rest.
struct StreamHead {
    /// At most `TextCheck.headBytes`; fewer if the stream ends before, or its damage begins.
    private(set) var bytes: [UInt8] = []
    /// Whether the stream ends with them.
    private(set) var isWhole = false
    /// Why no more could be read; thrown once `bytes` are handed out.
    private(set) var failure: StageError?
    private var taken = 0

    /// No stream.
    init() {}

    /// Reads the head by `read`, which gives 0 at the end. Throws what `read` does if there is no byte before it.
    init(_ read: (UnsafeMutableRawBufferPointer) throws(StageError) -> Int) throws(StageError) {
        var count = 0
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: TextCheck.headBytes, alignment: 16)
        defer { buffer.deallocate() }
        while count < buffer.count && !isWhole && failure == nil {
            do throws(StageError) {
                let read = try read(UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
                isWhole = read == 0
                count += read
            } catch {
                if count == 0 || error.code != .data { throw error }
                failure = error
            }
        }
        bytes = Array(buffer[..<count])
    }

    /// Hands out some of the bytes; nil if there are no more, and the rest of the stream follows.
    mutating func take(into buffer: UnsafeMutableRawBufferPointer) throws(StageError) -> Int? {
        guard taken < bytes.count else {
            if let failure { throw failure }
            return nil
        }
        let count = min(buffer.count, bytes.count - taken)
        buffer.copyBytes(from: bytes[taken..<(taken + count)])
        taken += count
        return count
    }
}
