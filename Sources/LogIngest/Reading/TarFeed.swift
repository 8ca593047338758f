import CArchive
import Samples

/// Feeds a tar archive to libarchive and watches its end, of which libarchive takes note of nothing.
final class TarFeed {
    /// The archive.
    let file: DecodedFile
    /// Why the last read failed; libarchive only learns that it did.
    private(set) var failure: StageError?

    private let buffer: UnsafeMutableRawBufferPointer
    private var bytesFed = 0
    /// End of the last byte that is not zero.
    private var dataEnd = 0

    init(_ file: DecodedFile) {
        self.file = file
        buffer = .allocate(byteCount: 128 * 1024, alignment: 64)
    }

    deinit {
        buffer.deallocate()
    }

    /// Reads what is left, so that checksums at the file's end are looked at. Throws `data` if something other than zeros
    /// stands behind `archiveEnd`, where libarchive stopped, or if not one block of zeros, of which a tar archive should
    /// end with two, is there.
    func finish(archiveEnd: Int) throws(StageError) {
        while try next() > 0 {}
        if dataEnd > archiveEnd {
            throw StageError(
                .data, "something follows the end of the tar archive",
                at: SourcePosition(file: file.name, byteOffset: archiveEnd))
        }
        if bytesFed - dataEnd < TarHeader.blockBytes {
            throw StageError(
                .data, "the tar archive is cut off: it has no end mark",
                at: SourcePosition(file: file.name, byteOffset: bytesFed))
        }
    }

    /// Fills the buffer; the number of bytes, 0 at the end.
    private func next() throws(StageError) -> Int {
        let count = try file.read(into: buffer)
        if let last = buffer[..<count].lastIndex(where: { $0 != 0 }) { dataEnd = bytesFed + last + 1 }
        bytesFed += count
        return count
    }

    /// libarchive's read callback; `context` is a feed that outlives the archive. The buffer stays as it is until the next
    /// call, which is what libarchive asks for.
    static func read(
        _ archive: OpaquePointer?, _ context: UnsafeMutableRawPointer?,
        _ block: UnsafeMutablePointer<UnsafeRawPointer?>?
    ) -> Int {
        guard let context else { return Int(ARCHIVE_FATAL) }
        let feed = Unmanaged<TarFeed>.fromOpaque(context).takeUnretainedValue()
        do throws(StageError) {
            let count = try feed.next()
            // It may want them for a header, whose names it converts next; and a decoder may have asked for much memory.
            LibraryArchive.forgetErrno()
            block?.pointee = UnsafeRawPointer(feed.buffer.baseAddress)
            return count
        } catch {
            feed.failure = error
            return Int(ARCHIVE_FATAL)
        }
    }
}
