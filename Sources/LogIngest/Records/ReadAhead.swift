import ByteStreams
import Samples

/// Reads a list of files on several threads at once and hands their chunks out in the files' order.
///
/// Thread `k` of `n` reads the files `k`, `k + n`, … one after another into a queue of its own, so that while one file is
/// taken, the next ones are decompressed as far as their queues hold. Released, it stops its threads.
final class ReadAhead {
    /// A chunk, or nil where a file ends.
    private let lanes: [BlockingQueue<LogChunk?>]
    private let fileCount: Int
    private var file = 0

    /// Chunks that a thread may be ahead of the consumer.
    private static let mostChunks = 16

    /// Starts the threads; `open` makes the reader of one file.
    init(fileCount: Int, threads: Int, open: @escaping @Sendable (Int) -> ChunkReader) {
        self.fileCount = fileCount
        lanes = (0..<threads).map { _ in BlockingQueue(bound: Self.mostChunks) }
        for (index, lane) in lanes.enumerated() {
            DetachedThread.start {
                do throws(StageError) {
                    for file in stride(from: index, to: fileCount, by: threads) {
                        var reader = open(file)
                        while let chunk = try reader.next() { try lane.send(chunk) }
                        try lane.send(nil)
                    }
                    lane.finish(nil)
                } catch {
                    lane.finish(error)
                }
            }
        }
    }

    deinit {
        for lane in lanes { lane.cancel() }
    }

    /// The next chunk; nil after the last file's last.
    func next() throws(StageError) -> LogChunk? {
        while file < fileCount {
            if case .some(.some(let chunk)) = try lanes[file % lanes.count].next() { return chunk }
            file += 1
        }
        return nil
    }
}
