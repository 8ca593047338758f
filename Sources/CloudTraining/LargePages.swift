#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Large pages for memory that is read here and there: with pages of 4 KiB the rows of a large embedding table miss the
/// processor's table of pages at almost every touch.
enum LargePages {
    /// Linux' size of a large page on x86-64 and, with pages of 4 KiB, on arm64.
    private static let pageBytes = 2 << 20

    /// Asks the system to hold what lies in `memory` in large pages: those that it fills whole, so that no more memory
    /// is taken. A request: where it is not granted, or not known, all stays as it is.
    static func use(for memory: UnsafeRawBufferPointer) {
        #if os(Linux)
        guard let base = memory.baseAddress else { return }
        let start = (UInt(bitPattern: base) + UInt(pageBytes - 1)) & ~UInt(pageBytes - 1)
        let end = UInt(bitPattern: base + memory.count) & ~UInt(pageBytes - 1)
        guard start < end, let pages = UnsafeMutableRawPointer(bitPattern: start) else { return }
        _ = madvise(pages, Int(end - start), MADV_HUGEPAGE)
        // Since Linux 6.1: now, and not when the system comes by. In C's headers only of late.
        let collapse: Int32 = 25
        _ = madvise(pages, Int(end - start), collapse)
        #endif
    }
}
