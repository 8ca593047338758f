import ArrowStream
import Samples

extension StoreFileReader {
    /// The file's first `headerBytes`, then those from `offset` on; by default the whole file.
    func source(headerBytes: Int = .max, from offset: Int = 0) -> ArrowStreamDecoder.Source {
        var place = 0
        var end = headerBytes
        return { (buffer) throws(StageError) in
            if place == end {
                place = offset
                end = .max
            }
            let wanted = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(end - place))
            let count = try self.read(into: wanted, at: place)
            place += count
            return count
        }
    }
}
