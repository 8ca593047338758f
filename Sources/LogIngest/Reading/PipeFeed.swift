import ByteStreams
import CArchive
import Samples

/// Feeds libarchive from a pipe, so that a cancellation wakes it where it waits.
final class PipeFeed {
    private let file: InputFile
    private let buffer: UnsafeMutableRawBufferPointer
    /// Why the last read failed; libarchive only learns that it did.
    private(set) var failure: StageError?

    init(_ file: InputFile) {
        self.file = file
        buffer = .allocate(byteCount: 128 * 1024, alignment: 64)
    }

    deinit {
        buffer.deallocate()
    }

    /// libarchive's read callback; `context` is a feed that outlives the archive. The buffer stays as it is until the next
    /// call, which is what libarchive asks for.
    static func read(
        _ archive: OpaquePointer?, _ context: UnsafeMutableRawPointer?,
        _ block: UnsafeMutablePointer<UnsafeRawPointer?>?
    ) -> Int {
        guard let context else { return Int(ARCHIVE_FATAL) }
        let feed = Unmanaged<PipeFeed>.fromOpaque(context).takeUnretainedValue()
        do throws(StageError) {
            let count = try feed.file.read(into: feed.buffer)
            block?.pointee = UnsafeRawPointer(feed.buffer.baseAddress)
            return count
        } catch {
            feed.failure = error
            return Int(ARCHIVE_FATAL)
        }
    }
}
