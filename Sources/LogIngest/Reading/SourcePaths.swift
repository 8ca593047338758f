import ByteStreams
import Samples

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Turns the paths of a source, among them patterns and folders, into files.
enum SourcePaths {
    /// The files that `paths` name, path after path.
    ///
    /// A pattern (`*`, `?`, `[…]`) stands for what it matches, in the order of the names' bytes; a folder for all regular
    /// files in it and in its folders, in the order of their paths' bytes, links followed, without those whose name or
    /// folder starts with a dot. What stands literally at a path is that, whatever characters it has. A path where nothing
    /// stands is kept, so that opening it says so.
    ///
    /// Throws `environment` if a pattern matches nothing or a folder cannot be read, `data` if a folder holds no file.
    static func expand(_ paths: [String]) throws(StageError) -> [String] {
        var files: [String] = []
        for path in paths {
            guard path != "-", !FileTree.exists(path), path.utf8.contains(where: { "*?[".utf8.contains($0) }) else {
                try append(path, to: &files)
                continue
            }
            for match in try matches(of: path) { try append(match, to: &files) }
        }
        return files
    }

    /// Appends a file, or the files of a folder.
    private static func append(_ path: String, to files: inout [String]) throws(StageError) {
        guard path != "-", FileTree.exists(path), try FileTree.isFolder(path) else { return files.append(path) }
        var found: [String] = []
        try collect(path, above: [], into: &found)
        if found.isEmpty {
            throw StageError(.data, "the folder holds no file", at: SourcePosition(file: path))
        }
        files += sorted(found)
    }

    private static func collect(
        _ folder: String, above: [FolderIdentity], into files: inout [String]
    ) throws(StageError) {
        let identity = FolderIdentity(folder)
        if above.contains(identity) {
            throw StageError(.environment, "the folder holds itself, by a link", at: SourcePosition(file: folder))
        }
        for name in try FileTree.names(in: folder) where !name.hasPrefix(".") {
            let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
            var status = stat()
            guard stat(path, &status) == 0 else {
                throw StageError(
                    .environment, String(cString: strerror(errno)), at: SourcePosition(file: path))
            }
            switch status.st_mode & S_IFMT {
            case S_IFREG: files.append(path)
            case S_IFDIR: try collect(path, above: above + [identity], into: &files)
            default: break
            }
        }
    }

    private static func matches(of pattern: String) throws(StageError) -> [String] {
        var found = glob_t()
        defer { globfree(&found) }
        let status = glob(pattern, GLOB_NOSORT | GLOB_ERR, nil, &found)
        let position = SourcePosition(file: pattern)
        guard status == 0 else {
            throw StageError(
                .environment,
                status == GLOB_NOMATCH ? "no file matches the pattern" : "the pattern's folder cannot be read",
                at: position)
        }
        let paths = (0..<Int(found.gl_pathc)).compactMap { index in
            // `gl_pathv` holds `gl_pathc` C strings.
            found.gl_pathv[index].map { String(cString: $0) }
        }
        return sorted(paths)
    }

    /// By bytes, so that the order is the same under every locale.
    private static func sorted(_ paths: [String]) -> [String] {
        paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// What tells a folder from every other.
    private struct FolderIdentity: Equatable {
        var device: UInt64 = 0
        var number: UInt64 = 0

        init(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return }
            device = UInt64(truncatingIfNeeded: status.st_dev)
            number = UInt64(truncatingIfNeeded: status.st_ino)
        }
    }
}
