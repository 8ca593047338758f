#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The end of a zip file: its end-of-central-directory record, as APPNOTE.TXT 6.3.10, sections 4.3.14 to 4.3.16, has it.
///
/// libarchive looks for that record, but not at whether it belongs to the file: where a zip inside a zip is stored and the
/// outer one cut off behind it, libarchive would read the inner one.
struct ZipEnd {
    /// The file's last bytes: the record with the longest comment, and what zip64 puts before it.
    private let tail: [UInt8]
    /// Place of `tail` in the file.
    private let tailStart: Int

    private static let recordBytes = 22
    private static let locatorBytes = 20
    private static let record64Bytes = 56
    private static let mostCommentBytes = 65_535

    /// The end of an open file of `size` bytes; nil if it cannot be read. Leaves the place that is read next alone.
    init?(descriptor: Int32, size: Int) {
        let count = min(size, Self.recordBytes + Self.mostCommentBytes + Self.locatorBytes + Self.record64Bytes)
        tailStart = size - count
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let start = done
            let read = bytes.withUnsafeMutableBytes {
                // `start` is less than `count`, the buffer's length.
                pread(descriptor, $0.baseAddress?.advanced(by: start), count - start, off_t(size - count + start))
            }
            guard read > 0 || (read < 0 && errno == EINTR) else { return nil }
            done += max(0, read)
        }
        tail = bytes
    }

    /// Whether the file ends with a record that says of the directory exactly what is there: that it stands directly before
    /// the record, counted from the file's start.
    var isWhole: Bool {
        var place = tail.count - Self.recordBytes
        while place >= 0 && tail.count - place - Self.recordBytes <= Self.mostCommentBytes {
            if number(at: place, bytes: 4) == 0x0605_4B50,
                number(at: place + 20, bytes: 2) == UInt64(tail.count - place - Self.recordBytes)
            {
                return isDirectoryWhole(before: place)
            }
            place -= 1
        }
        return false
    }

    private func isDirectoryWhole(before record: Int) -> Bool {
        let size = number(at: record + 12, bytes: 4)
        let start = number(at: record + 16, bytes: 4)
        if start.addingReportingOverflow(size).partialValue == UInt64(tailStart + record) { return true }
        // Zip64: the directory, a record with wide numbers, and a locator that says where that record stands.
        let locator = record - Self.locatorBytes
        let record64 = locator - Self.record64Bytes
        guard record64 >= 0, number(at: locator, bytes: 4) == 0x0706_4B50,
            number(at: locator + 8, bytes: 8) == UInt64(tailStart + record64),
            number(at: record64, bytes: 4) == 0x0606_4B50
        else { return false }
        let size64 = number(at: record64 + 40, bytes: 8)
        let start64 = number(at: record64 + 48, bytes: 8)
        return start64.addingReportingOverflow(size64) == (UInt64(tailStart + record64), false)
    }

    /// A little-endian number; its bytes lie in `tail`.
    private func number(at place: Int, bytes count: Int) -> UInt64 {
        (0..<count).reduce(0) { $0 | UInt64(tail[place + $1]) << UInt64(8 * $1) }
    }
}
