import Samples

/// The header that a 7z archive starts with (7zFormat.txt of the LZMA SDK, "SignatureHeader"): it says where the archive ends.
struct SevenZipStart {
    private let bytes: [UInt8]
    private let position: SourcePosition

    /// Magic, version, checksum; then place, size and checksum of the directory at the archive's end.
    private static let headerBytes = 32

    /// The start of an open file. Leaves the place that is read next alone. Throws `environment` if it cannot be read.
    init(descriptor: Int32, at position: SourcePosition) throws(StageError) {
        self.position = position
        bytes = try FilePart.read(descriptor, at: 0, count: Self.headerBytes, of: position)
    }

    /// Throws `data` if the archive does not end where a file of `size` bytes does.
    func check(size: Int) throws(StageError) {
        guard bytes.count == Self.headerBytes else {
            throw StageError(.data, "is a 7z archive that is cut off", at: position)
        }
        let (behindStart, isTooFar) = number(at: 12).addingReportingOverflow(number(at: 20))
        let available = UInt64(size - Self.headerBytes)
        if isTooFar || behindStart > available {
            throw StageError(
                .data, "is a 7z archive that is cut off or damaged, or the first part of one in several parts",
                at: position, advice: "join the parts first if there are more")
        }
        if behindStart < available {
            throw StageError(.data, "something follows the end of the 7z archive", at: position)
        }
    }

    /// A little-endian number of 8 bytes, which lie in `bytes`.
    private func number(at place: Int) -> UInt64 {
        bytes[place..<(place + 8)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
