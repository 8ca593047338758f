import CArchive
import Samples

/// The text of a compressed stream, by one of libarchive's filters: bzip2, xz, lzma, lzip, zstd, lz4, compress.
///
/// Damage that is not seen, since the format has nothing to see it by: flipped bits in lzma, in compress, in zstd and lz4
/// written without a checksum; the end of a compress stream, which has no mark; and a stream cut off exactly between two
/// members or frames.
///
/// Memory is what the stream says it must look back, or its text where that is less: 900 KB for bzip2, 4 MiB for lz4; 128 MiB
/// for zstd and lzma and 512 MiB for lzip at most, since more is refused. An xz stream may ask for up to 4 GiB (`xz -9` for
/// 64 MiB), which libarchive gives no means to limit.
final class FilterReader {
    private let input: InputBlocks
    private let archive: LibraryArchive
    /// Why the last read of `input` failed; libarchive only learns that it did.
    private var inputFailure: StageError?
    /// What is left of libarchive's current block; valid until the next one.
    private var rest = UnsafeRawBufferPointer(start: nil, count: 0)
    private var bytesMade = 0

    /// Decompresses what `input` gives. Throws `data` if no filter knows it, or if it was compressed twice.
    init(_ input: InputBlocks) throws(StageError) {
        self.input = input
        archive = try LibraryArchive(file: input.name)
        archive.addFilters()
        archive_read_support_format_raw(archive.pointer)
        // `self` is kept alive by whoever calls its methods, and libarchive calls back only within those.
        var status = archive_read_open(
            archive.pointer, Unmanaged.passUnretained(self).toOpaque(), nil, { FilterReader.read($0, $1, $2) }, nil)
        var header: OpaquePointer?
        if status == ARCHIVE_OK { status = archive_read_next_header(archive.pointer, &header) }
        guard status == ARCHIVE_OK else { throw failure() }
        // One is the file itself.
        if archive_filter_count(archive.pointer) > 2 {
            throw StageError(
                .data, "is a compressed stream inside a compressed stream; unpack the outer one first", at: position)
        }
    }

    /// Whether any filter knows the stream.
    var isFiltered: Bool { archive_filter_code(archive.pointer, 0) != ARCHIVE_FILTER_NONE }

    /// Decompresses some bytes into a buffer that is not empty; 0 at the end. Errors say how many bytes came before them.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(StageError) -> Int {
        while rest.isEmpty {
            guard let block = try archive.nextBlock(or: failure) else {
                try checkEnd()
                return 0
            }
            rest = block.bytes
        }
        let count = min(rest.count, buffer.count)
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: rest.prefix(count)))
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        bytesMade += count
        return count
    }

    /// Throws if bytes stand behind the end that the filter saw; libarchive leaves them unread.
    private func checkEnd() throws(StageError) {
        guard archive_filter_bytes(archive.pointer, -1) == input.bytesTaken, try input.next().isEmpty else {
            throw StageError(.data, "something follows the end of the compressed stream", at: position)
        }
    }

    private var position: SourcePosition { SourcePosition(file: input.name, byteOffset: bytesMade) }

    private func failure() -> StageError {
        inputFailure ?? archive.failure("the data is damaged or cut off", at: position)
    }

    private static func read(
        _ archive: OpaquePointer?, _ context: UnsafeMutableRawPointer?,
        _ block: UnsafeMutablePointer<UnsafeRawPointer?>?
    ) -> Int {
        guard let context else { return Int(ARCHIVE_FATAL) }
        // `context` is the reader whose method libarchive was called from.
        let reader = Unmanaged<FilterReader>.fromOpaque(context).takeUnretainedValue()
        do throws(StageError) {
            let bytes = try reader.input.next()
            block?.pointee = bytes.baseAddress
            return bytes.count
        } catch {
            reader.inputFailure = error
            return Int(ARCHIVE_FATAL)
        }
    }
}
