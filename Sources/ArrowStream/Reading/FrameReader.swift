import Samples

/// Cuts the bytes of a stream into messages, and knows where it is.
///
/// Memory grows with what has really been read, never with what a length only claims.
final class FrameReader {
    /// The source's name, for errors.
    let name: String
    /// Bytes taken from the source's start to here.
    private(set) var byteOffset = 0
    /// Where the current message starts.
    private(set) var messageOffset = 0
    /// Whether any message had the continuation marker that streams begin with since Arrow 0.15.
    private(set) var hasSeenContinuation = false
    /// The body last read is the first bytes of this; kept between messages, so it is allocated once.
    private(set) var body: [UInt8] = []

    private let source: ArrowStreamDecoder.Source
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)
    private var unread = 0..<0

    init(name: String, _ source: @escaping ArrowStreamDecoder.Source) {
        self.name = name
        self.source = source
    }

    /// The next message's metadata, or nil at the end-of-stream marker. Leaves the source at the message's body.
    func nextMetadata() throws(StageError) -> [UInt8]? {
        messageOffset = byteOffset
        var length = try word()
        if length == -1 {
            hasSeenContinuation = true
            length = try word()
        }
        if length == 0 { return nil }
        guard length > 0, length <= ArrowStreamDecoder.maximumMetadataBytes else {
            throw fault(
                "a message claims \(length) bytes of metadata; "
                    + "at most \(ArrowStreamDecoder.maximumMetadataBytes) are read")
        }
        var metadata: [UInt8] = []
        try read(Int(length), into: &metadata)
        return metadata
    }

    /// Reads the body of the message whose metadata was read last into `body`.
    func readBody(_ count: Int) throws(StageError) {
        try read(count, into: &body)
    }

    /// Throws if anything is left to read.
    func requireEnd() throws(StageError) {
        let end = byteOffset
        guard try fill() else { return }
        throw StageError(
            .data, "bytes follow the end-of-stream marker", at: SourcePosition(file: name, byteOffset: end),
            advice: "a file holds one stream; do not join streams end to end")
    }

    /// The next six bytes or fewer, which stay unread: they tell what a source is that is no stream.
    func firstBytes() throws(StageError) -> [UInt8] {
        guard try fill() else { return [] }
        return Array(buffer[unread].prefix(6))
    }

    /// An error about the current message.
    func fault(_ text: String) -> StageError {
        StageError(.data, text, at: SourcePosition(file: name, byteOffset: messageOffset))
    }

    /// Runs `body`, and places its fault at the current message.
    func locating<Value>(_ body: () throws(FormatFault) -> Value) throws(StageError) -> Value {
        do throws(FormatFault) {
            return try body()
        } catch {
            throw fault(error.text)
        }
    }

    private func word() throws(StageError) -> Int32 {
        var bytes: [UInt8] = []
        try read(4, into: &bytes)
        return Int32(bitPattern: bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) })
    }

    /// Makes the first `count` bytes of `target` the next ones of the stream; `target` grows as they arrive.
    private func read(_ count: Int, into target: inout [UInt8]) throws(StageError) {
        var filled = 0
        while filled < count {
            if filled == target.count {
                let grown = min(count, max(64 << 10, 2 * filled))
                target.append(contentsOf: repeatElement(0, count: grown - filled))
            }
            if unread.isEmpty {
                let wanted = min(target.count, count) - filled
                if wanted >= buffer.count {
                    let got = try target.withUnsafeMutableBufferPointer { (bytes) throws(StageError) in
                        let rest = UnsafeMutableBufferPointer(rebasing: bytes[filled..<filled + wanted])
                        return try source(UnsafeMutableRawBufferPointer(rest))
                    }
                    guard got > 0 else { throw cutOff }
                    filled += got
                    byteOffset += got
                    continue
                }
                guard try fill() else { throw cutOff }
            }
            let part = min(unread.count, min(target.count, count) - filled)
            target.replaceSubrange(
                filled..<filled + part, with: buffer[unread.lowerBound..<unread.lowerBound + part])
            unread = (unread.lowerBound + part)..<unread.upperBound
            filled += part
            byteOffset += part
        }
    }

    /// Fills the buffer if it is empty; false at the source's end.
    private func fill() throws(StageError) -> Bool {
        if !unread.isEmpty { return true }
        let count = try buffer.withUnsafeMutableBufferPointer { (bytes) throws(StageError) in
            try source(UnsafeMutableRawBufferPointer(bytes))
        }
        unread = 0..<count
        return count > 0
    }

    private var cutOff: StageError {
        StageError(
            .data, "the stream ends without its end-of-stream marker",
            at: SourcePosition(file: name, byteOffset: byteOffset), advice: "the program that wrote it stopped early")
    }
}
