import ByteStreams
import CArchive
import Samples

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Reads a zip, 7z or tar archive entry after entry, by libarchive; a tar comes with its compression taken off.
///
/// Not seen as damage: flipped bits in the data of a tar, which has checksums of its headers only, where its compression
/// has none either; and, in a tar that is not compressed, an end that is cut off where nothing but zeros follows.
///
/// Memory: libarchive holds a zip's or 7z's directory, a few hundred bytes an entry; the entries of a zip are counted before
/// that, those of a 7z only after. A 7z's data asks for what its method must look back, 4 GiB at most, but no more than its
/// text is long.
final class ArchiveReader {
    /// What an entry of an archive is.
    struct Entry {
        /// Its path, as UTF-8 where the archive says how it is encoded.
        var path: String
        /// Whether it is a file with data, not a folder or link.
        var isFile: Bool
        /// Whether its data is encrypted.
        var isEncrypted: Bool
    }

    /// The file as the user named it.
    let name: String
    /// Size of a regular file; nil for pipes.
    let size: Int?
    /// Bytes of the current entry handed out so far.
    private(set) var entryBytes = 0
    /// The current entry's size if the archive says it.
    private var entrySize: Int?
    private var position: SourcePosition
    private var entryCount = 0
    private let mostEntries: Int

    private let archive: LibraryArchive
    /// Where a tar comes from; nil for others, which libarchive reads itself, since it must seek in them.
    private let feed: TarFeed?
    /// Counts what comes out of others than tar; a tar's file does that by itself.
    private var expansion: ExpansionGuard
    private let locale = ArchiveLocale()
    /// What is left of libarchive's current block; valid until the next one.
    private var rest = UnsafeRawBufferPointer(start: nil, count: 0)

    /// Reads the tar archive that `file` holds.
    init(tar file: DecodedFile, limits: IngestSettings.Limits) throws(StageError) {
        name = file.name
        size = file.size
        position = SourcePosition(file: name)
        mostEntries = limits.entries
        expansion = ExpansionGuard(limits)
        archive = try LibraryArchive(file: name)
        let feed = TarFeed(file)
        self.feed = feed
        if TarHeader(file.head.bytes)?.isLaterVolume == true {
            throw StageError(
                .data, "is a later part of a tar archive in several parts; join them first", at: position)
        }
        archive_read_support_format_tar(archive.pointer)
        // The feed is kept alive by `self`, and libarchive calls back only within calls of its methods.
        let status = locale.run {
            archive_read_open(
                archive.pointer, Unmanaged.passUnretained(feed).toOpaque(), nil, { TarFeed.read($0, $1, $2) }, nil)
        }
        if status != ARCHIVE_OK { throw failure("the tar archive cannot be read") }
    }

    /// Opens the zip or 7z archive at `path`; `-` is standard input. Throws `data` if the archive is not the whole file.
    ///
    /// - Parameters:
    ///   - file: what stands at `path`; only looked at.
    ///   - isZip: whether it is a zip.
    init(path: String, file: InputFile, isZip: Bool, limits: IngestSettings.Limits) throws(StageError) {
        name = file.name
        size = file.size
        position = SourcePosition(file: name)
        mostEntries = limits.entries
        expansion = ExpansionGuard(limits)
        archive = try LibraryArchive(file: name)
        feed = nil
        guard let size else {
            throw StageError(
                .data, "is a \(isZip ? "zip" : "7z") archive, which cannot be read from a pipe; give the file itself",
                at: position)
        }
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        defer { if path != "-" && descriptor >= 0 { close(descriptor) } }
        if isZip {
            try ZipEnd(descriptor: descriptor, size: size, at: position).check(mostEntries: mostEntries)
        } else {
            try SevenZipStart(descriptor: descriptor, at: position).check(size: size)
        }
        // Zip's streaming reader would take a zip that was cut off, so only the one that starts from the directory.
        _ =
            isZip
            ? archive_read_support_format_zip_seekable(archive.pointer)
            : archive_read_support_format_7zip(archive.pointer)
        let status = locale.run {
            guard path == "-" else { return archive_read_open_filename(archive.pointer, path, Self.blockBytes) }
            // Its first bytes were read to see what it is.
            lseek(STDIN_FILENO, 0, SEEK_SET)
            return archive_read_open_fd(archive.pointer, STDIN_FILENO, Self.blockBytes)
        }
        if status != ARCHIVE_OK { throw failure("the archive is damaged or cut off") }
    }

    /// Bytes of the file taken in so far; where a zip is read out of order, the place in it.
    var fileBytes: Int { feed?.file.fileBytes ?? max(0, Int(clamping: archive_filter_bytes(archive.pointer, -1))) }

    /// Whether going past an entry's data means to decompress it.
    var mustReadToSkip: Bool {
        feed?.file.isAsStored == false
            || archive_format(archive.pointer) & ARCHIVE_FORMAT_BASE_MASK == ARCHIVE_FORMAT_7ZIP
    }

    /// Goes on to the next entry; nil after the last. Throws `data` if the archive does not end there, or is cut off.
    func nextEntry() throws(StageError) -> Entry? {
        position = SourcePosition(file: name)
        entryBytes = 0
        rest = UnsafeRawBufferPointer(start: nil, count: 0)
        return try locale.run { () throws(StageError) -> Entry? in
            var header: OpaquePointer?
            LibraryArchive.forgetErrno()
            let status = archive_read_next_header(archive.pointer, &header)
            // A warning is about what we do not use, such as a name that does not convert.
            guard status == ARCHIVE_OK || status == ARCHIVE_WARN, let header else {
                guard status == ARCHIVE_EOF else { throw failure("the archive is damaged or cut off") }
                if let failure = feed?.failure { throw failure }
                try feed?.finish(archiveEnd: Int(clamping: archive_filter_bytes(archive.pointer, 0)))
                return nil
            }
            let path = Self.path(of: header)
            position.entry = path
            entryCount += 1
            if entryCount > mostEntries { throw Self.tooManyEntries(mostEntries, at: position) }
            entrySize = archive_entry_size_is_set(header) != 0 ? Int(archive_entry_size(header)) : nil
            // AE_IFREG, a macro that Swift does not import; the same number as the system's.
            LibraryArchive.forgetErrno()
            let isFile = archive_entry_filetype(header) == S_IFREG && archive_entry_hardlink(header) == nil
            return Entry(path: path, isFile: isFile, isEncrypted: archive_entry_is_data_encrypted(header) != 0)
        }
    }

    /// Where the next byte of the current entry stands.
    var place: SourcePosition {
        var place = position
        place.byteOffset = entryBytes
        return place
    }

    /// Reads some of the current entry's bytes into a buffer that is not empty; 0 at its end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(StageError) -> Int {
        while rest.isEmpty {
            guard let block = try archive.nextBlock(or: { failure("the data is damaged or cut off") }) else {
                if let entrySize, entrySize != entryBytes {
                    throw StageError(.data, "the entry has \(entryBytes) bytes and should have \(entrySize)", at: place)
                }
                return 0
            }
            guard block.offset == entryBytes else {
                throw StageError(.refused, "the entry is a sparse file with holes", at: place)
            }
            rest = block.bytes
        }
        let count = min(rest.count, buffer.count)
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: rest.prefix(count)))
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        entryBytes += count
        if feed == nil { try expansion.add(count, fileBytes: size ?? fileBytes, at: place) }
        return count
    }

    /// What to throw for an archive of more than `most` entries.
    static func tooManyEntries(_ most: Int, at position: SourcePosition) -> StageError {
        StageError(
            .refused, "the archive has more than \(most) entries", at: position,
            advice: "raise `limits.entries` if it is meant to")
    }

    /// Why libarchive stopped: what its feed met, at the entry's offset, or what it says itself.
    private func failure(_ what: String) -> StageError {
        guard let cause = feed?.failure else {
            return archive.failure(what, at: position.entry == nil ? position : place)
        }
        guard cause.code == .data || cause.code == .refused, position.entry != nil else { return cause }
        return StageError(cause.code, cause.message, at: place, advice: cause.advice)
    }

    private static func path(of header: OpaquePointer) -> String {
        LibraryArchive.forgetErrno()
        if let path = archive_entry_pathname_utf8(header) { return String(cString: path) }
        LibraryArchive.forgetErrno()
        if let path = archive_entry_pathname(header) { return String(cString: path) }
        return "?"
    }

    private static let blockBytes = 128 * 1024
}
