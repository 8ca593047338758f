import Samples

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Which entries of a file a source reads, and what there was to choose from.
struct EntrySelection {
    /// An exact path, a pattern, or nil for the one entry there is.
    private let pattern: String?
    /// Paths of the files in the archive, as far as seen; at most `mostListed` are kept.
    private var seen: [String] = []
    private var seenCount = 0
    private(set) var matchCount = 0

    private static let mostListed = 20

    init(_ pattern: String?) {
        self.pattern = pattern
    }

    /// Whether the file at `path` is wanted.
    mutating func selects(_ path: String) -> Bool {
        seenCount += 1
        if seen.count < Self.mostListed { seen.append(path) }
        // FNM_PATHNAME: a star stops at a slash, as in a shell.
        let isWanted = pattern.map { path == $0 || fnmatch($0, path, FNM_PATHNAME) == 0 } ?? true
        if isWanted { matchCount += 1 }
        return isWanted
    }

    /// Whether more than one entry was found although none was named.
    var isAmbiguous: Bool { pattern == nil && matchCount > 1 }

    /// What to throw where an archive was read to its end and the selection does not fit it.
    func failure(at position: SourcePosition) -> StageError {
        if seenCount == 0 { return StageError(.refused, "the archive holds no files", at: position) }
        let message =
            pattern.map { "no entry of the archive matches `\($0)`" }
            ?? "the archive holds \(seenCount) files and the settings do not say which `entry` to read"
        return StageError(.refused, message, at: position, advice: "its entries are \(listing)")
    }

    private var listing: String {
        let more = seenCount - seen.count
        return seen.map { FieldText.quoted($0.utf8) }.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }
}
