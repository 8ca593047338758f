public import Samples

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension IngestSettings {
    /// Puts the files in the place of the folders and patterns that name them. Blocks. Throws `environment` if a pattern
    /// matches nothing or a folder cannot be read, `data` if a folder holds no file.
    public mutating func expandPaths() throws(StageError) {
        for index in sources.indices { sources[index].paths = try SourcePaths.expand(sources[index].paths) }
    }

    /// Sizes of all files that will be read, together; nil if one is no regular file or cannot be seen.
    var totalFileBytes: Int? {
        let joins = Set(features.compactMap { $0.join.map { [$0.source, $0.key] } })
        var total = 0
        for name in [log] + joins.map({ $0[0] }) + [roles.label.clickLog?.source].compactMap(\.self) {
            for path in source(name)?.paths ?? [] {
                var status = stat()
                guard path == "-" ? fstat(STDIN_FILENO, &status) == 0 : stat(path, &status) == 0,
                    status.st_mode & S_IFMT == S_IFREG
                else { return nil }
                total += Int(status.st_size)
            }
        }
        return total
    }
}
