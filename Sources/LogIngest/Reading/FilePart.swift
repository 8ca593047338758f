import Samples

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Bytes somewhere in an open regular file, read without changing the place that is read next.
enum FilePart {
    /// `count` bytes from `start` on, fewer if the file ends before. Throws `environment` if they cannot be read.
    static func read(
        _ descriptor: Int32, at start: Int, count: Int, of position: SourcePosition
    ) throws(StageError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let already = done
            let read = bytes.withUnsafeMutableBytes {
                // `already` is less than `count`, the buffer's length.
                pread(descriptor, $0.baseAddress?.advanced(by: already), count - already, off_t(start + already))
            }
            if read < 0 && errno == EINTR { continue }
            if read < 0 {
                throw StageError(.environment, "cannot read: \(String(cString: strerror(errno)))", at: position)
            }
            if read == 0 { break }
            done += read
        }
        return Array(bytes.prefix(done))
    }
}
