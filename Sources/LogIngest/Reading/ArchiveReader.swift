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

/// Reads one file, an archive or a bare stream, compressed or not, as libarchive sees it: entry after entry, each as
/// decompressed bytes. What the file is follows from its content, not from its name.
///
/// Formats: zip, tar, 7z, bare. Filters: gzip, bzip2, xz, lzma, zstd, lz4, compress, none. Each is named to libarchive,
/// never "all", and only if it is built in: some would otherwise start a program.
///
/// Not seen as damage: a flipped bit in a gzip stream that still inflates, since libarchive 3.6 does not check gzip's
/// checksum; the end of a compress (`.Z`) stream, which has no end mark; missing zero blocks after a tar's last entry;
/// a flipped bit in zstd written without checksum.
final class ArchiveReader {
    /// What an entry of an archive is.
    struct Entry {
        /// Its path, as UTF-8 where the archive says how it is encoded; nil for a bare stream.
        var path: String?
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
    /// Where the current entry stands, for errors.
    private(set) var position: SourcePosition

    private let path: String
    private let archive: OpaquePointer
    /// Feeds libarchive from what cannot seek; nil for regular files, which libarchive reads itself.
    private let pipe: PipeFeed?
    private let locale: ArchiveLocale
    private var hasCheckedEnd = false

    /// Opens `path`; `-` is standard input. Throws `environment` if that is refused, `data` if it is of no known format.
    init(path: String, cancellation: Cancellation) throws(StageError) {
        let file = try InputFile(path: path, cancellation: cancellation)
        self.path = path
        name = file.name
        size = file.size
        position = SourcePosition(file: file.name)
        if file.size == 0 { throw StageError(.data, "is empty", at: position) }
        guard let archive = archive_read_new() else {
            throw StageError(.environment, "not enough memory to read archives", at: position)
        }
        self.archive = archive
        locale = ArchiveLocale()
        pipe = file.size == nil ? PipeFeed(file) : nil
        for support in Self.filters { _ = support(archive) }
        // Zip's streaming reader would take a zip that was cut off, so only the one that starts from the directory.
        for support in Self.formats { _ = support(archive) }
        let status = locale.run {
            if let pipe {
                // The feed is kept alive by `self`, which frees the archive first.
                archive_read_open(
                    archive, Unmanaged.passUnretained(pipe).toOpaque(), nil, { PipeFeed.read($0, $1, $2) }, nil)
            } else if path == "-" {
                archive_read_open_fd(archive, STDIN_FILENO, Self.blockBytes)
            } else {
                archive_read_open_filename(archive, path, Self.blockBytes)
            }
        }
        if status != ARCHIVE_OK {
            position.byteOffset = 0
            throw failure("the data is damaged, cut off or empty")
        }
    }

    deinit {
        archive_read_free(archive)
    }

    /// Whether this is one stream, not an archive. Known after the first `nextEntry`.
    var isBareStream: Bool { archive_format(archive) == ARCHIVE_FORMAT_RAW }

    /// Whether the bytes are as they stand in the file.
    var isUncompressed: Bool { archive_filter_code(archive, 0) == ARCHIVE_FILTER_NONE }

    /// Bytes of the file taken in so far; where a zip is read out of order, the place in it.
    var fileBytes: Int { max(0, Int(clamping: archive_filter_bytes(archive, -1))) }

    /// Goes on to the next entry; nil after the last.
    func nextEntry() throws(StageError) -> Entry? {
        position = SourcePosition(file: name)
        entryBytes = 0
        return try locale.run { () throws(StageError) -> Entry? in
            var header: OpaquePointer?
            let status = archive_read_next_header(archive, &header)
            // A warning is about what we do not use, such as a name that does not convert.
            guard status == ARCHIVE_OK || status == ARCHIVE_WARN, let header else {
                if status == ARCHIVE_EOF { return nil }
                if pipe != nil && archive_format(archive) == ARCHIVE_FORMAT_7ZIP {
                    throw StageError(
                        .data, "is a 7z archive, which cannot be read from a pipe; give the file itself", at: position)
                }
                throw failure("the archive is damaged or cut off")
            }
            if isBareStream { return Entry(path: nil, isFile: true, isEncrypted: false) }
            try checkEndOfZip()
            let path = Self.path(of: header)
            position.entry = path
            // AE_IFREG, a macro that Swift does not import; the same number as the system's.
            let isFile = archive_entry_filetype(header) == S_IFREG && archive_entry_hardlink(header) == nil
            return Entry(path: path, isFile: isFile, isEncrypted: archive_entry_is_data_encrypted(header) != 0)
        }
    }

    /// Appends some more of the current entry's bytes, at most a few MiB; false at its end.
    func read(appendingTo bytes: inout [UInt8]) throws(StageError) -> Bool {
        var block: UnsafeRawPointer?
        var count = 0
        var offset: Int64 = 0
        let status = archive_read_data_block(archive, &block, &count, &offset)
        if status == ARCHIVE_EOF { return false }
        guard status == ARCHIVE_OK else {
            position.byteOffset = entryBytes
            throw failure("the data is damaged or cut off")
        }
        guard offset == entryBytes else {
            position.byteOffset = entryBytes
            throw StageError(.data, "the entry is a sparse file with holes", at: position)
        }
        // libarchive's block is valid until the next call and `count` bytes long.
        bytes.append(contentsOf: UnsafeRawBufferPointer(start: block, count: count))
        entryBytes += count
        return true
    }

    /// Throws if this is a zip whose directory is not its own.
    private func checkEndOfZip() throws(StageError) {
        guard !hasCheckedEnd else { return }
        hasCheckedEnd = true
        guard archive_format(archive) & ARCHIVE_FORMAT_BASE_MASK == ARCHIVE_FORMAT_ZIP, let size else { return }
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        defer { if path != "-" && descriptor >= 0 { close(descriptor) } }
        guard ZipEnd(descriptor: descriptor, size: size)?.isWhole == true else {
            throw StageError(
                .data, "is a zip archive that is cut off, or has something before or behind it", at: position)
        }
    }

    /// libarchive's last error at `position`, with words of our own where it has none.
    private func failure(_ what: String) -> StageError {
        if let cause = pipe?.failure { return cause }
        let code = archive_errno(archive)
        var message = what
        // "Unrecognized archive format" misleads: a bare stream needs no format, only bytes.
        if let reason = archive_error_string(archive).map({ String(cString: $0) }),
            reason != "Unrecognized archive format"
        {
            message += " (\(reason))"
        }
        return StageError(code == EIO || code == ENOMEM ? .environment : .data, message, at: position)
    }

    private static func path(of header: OpaquePointer) -> String {
        if let path = archive_entry_pathname_utf8(header) ?? archive_entry_pathname(header) {
            return String(cString: path)
        }
        return "?"
    }

    private typealias Support = @Sendable (OpaquePointer?) -> Int32

    private static let blockBytes = 128 * 1024

    private static let formats: [Support] = [
        { archive_read_support_format_zip_seekable($0) },
        { archive_read_support_format_tar($0) },
        { archive_read_support_format_7zip($0) },
        { archive_read_support_format_raw($0) },
    ]

    /// Filters that are built into this libarchive. For others it answers with a warning that it will start a program,
    /// and that cannot be undone, so each is asked on an archive that is then thrown away.
    private static let filters: [Support] = {
        let wanted: [Support] = [
            { archive_read_support_filter_gzip($0) },
            { archive_read_support_filter_bzip2($0) },
            { archive_read_support_filter_xz($0) },
            { archive_read_support_filter_lzma($0) },
            { archive_read_support_filter_zstd($0) },
            { archive_read_support_filter_lz4($0) },
            { archive_read_support_filter_compress($0) },
        ]
        let trial = archive_read_new()
        defer { archive_read_free(trial) }
        return wanted.filter { $0(trial) == ARCHIVE_OK }
    }()
}
