import CArchive
import Samples

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// One reading `struct archive` of libarchive, and what all uses of it have in common.
///
/// Formats and filters are named to it one by one, never "all", and filters only if they are built in: for others it would
/// start a program.
final class LibraryArchive {
    /// libarchive's own object; freed with this one.
    let pointer: OpaquePointer

    /// Throws `environment` if there is no memory.
    init(file: String) throws(StageError) {
        guard let pointer = archive_read_new() else {
            throw StageError(.environment, "not enough memory to read archives", at: SourcePosition(file: file))
        }
        self.pointer = pointer
    }

    deinit {
        archive_read_free(pointer)
    }

    /// Adds every filter but gzip, whose checksum libarchive 3.6 does not check.
    func addFilters() {
        for support in Self.filters { _ = support(pointer) }
    }

    /// To be called before every call of libarchive that may convert a name: those that read headers or give names.
    ///
    /// Where a name does not convert, libarchive 3.6 looks into `errno` for the reason and ends the process if that is
    /// `ENOMEM`. But a name that ends within a character sets none, so that it finds what this thread's calls left there. And
    /// glibc's `malloc` may leave `ENOMEM` though it succeeds, in its second arena: as with a decoder's dictionary, on a
    /// thread whose first arena is nearly full.
    static func forgetErrno() {
        errno = 0
    }

    /// The current block of the current entry; nil at the entry's end.
    ///
    /// The bytes are valid until the next call. Throws what `failure` says.
    func nextBlock(
        or failure: () -> StageError
    ) throws(StageError) -> (bytes: UnsafeRawBufferPointer, offset: Int)? {
        var block: UnsafeRawPointer?
        var count = 0
        var offset: Int64 = 0
        let status = archive_read_data_block(pointer, &block, &count, &offset)
        if status == ARCHIVE_EOF { return nil }
        guard status == ARCHIVE_OK else { throw failure() }
        return (UnsafeRawBufferPointer(start: block, count: count), Int(offset))
    }

    /// libarchive's last error at `position`, with words of our own before it, since it may have none.
    func failure(_ what: String, at position: SourcePosition) -> StageError {
        let code = archive_errno(pointer)
        var message = what
        // "Unrecognized archive format" misleads: a bare stream needs no format, only bytes.
        if let reason = archive_error_string(pointer).map({ String(cString: $0) }),
            reason != "Unrecognized archive format"
        {
            message += " (\(reason))"
        }
        return StageError(code == EIO || code == ENOMEM ? .environment : .data, message, at: position)
    }

    private typealias Support = @Sendable (OpaquePointer?) -> Int32

    /// Filters that are built into this libarchive. For others it answers with a warning that it will start a program,
    /// and that cannot be undone, so each is asked on an archive that is then thrown away.
    private static let filters: [Support] = {
        let wanted: [Support] = [
            { archive_read_support_filter_bzip2($0) },
            { archive_read_support_filter_xz($0) },
            { archive_read_support_filter_lzma($0) },
            { archive_read_support_filter_lzip($0) },
            { archive_read_support_filter_zstd($0) },
            { archive_read_support_filter_lz4($0) },
            { archive_read_support_filter_compress($0) },
        ]
        let trial = archive_read_new()
        defer { archive_read_free(trial) }
        return wanted.filter { $0(trial) == ARCHIVE_OK }
    }()
}
