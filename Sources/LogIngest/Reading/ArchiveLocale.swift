#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A UTF-8 locale for the calling thread only. Without one libarchive returns no name for entries that are not ASCII,
/// whatever the archive says; the process's own locale is left alone.
struct ArchiveLocale: ~Copyable {
    private let locale: locale_t?

    /// Looks for a UTF-8 locale; without one, `run` changes nothing.
    init() {
        locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nil) ?? newlocale(LC_CTYPE_MASK, "en_US.UTF-8", nil)
    }

    deinit {
        if let locale { freelocale(locale) }
    }

    /// Runs `body` under the locale.
    borrowing func run<Result, Failure>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        guard let locale else { return try body() }
        let previous = uselocale(locale)
        defer { _ = uselocale(previous) }
        return try body()
    }
}
