public import Samples

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Names and folders: what stands where, made and removed.
public enum FileTree {
    /// Where the system has temporary files: `TMPDIR`, or `/tmp`.
    public static var temporaryFolder: String { getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp" }

    /// Whether anything stands at `path`.
    public static func exists(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0
    }

    /// Whether anything stands at `path`. Throws `environment` if the system does not say: no permission, a damaged disk.
    public static func stands(at path: String) throws(StageError) -> Bool {
        var status = stat()
        if stat(path, &status) == 0 { return true }
        guard errno == ENOENT || errno == ENOTDIR else { throw failure(nil, path) }
        return false
    }

    /// Whether a folder stands at `path`. Throws `environment` if nothing does.
    public static func isFolder(_ path: String) throws(StageError) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { throw failure(nil, path) }
        return status.st_mode & S_IFMT == S_IFDIR
    }

    /// The names in a folder, in no order, without `.` and `..`.
    public static func names(in folder: String) throws(StageError) -> [String] {
        guard let stream = opendir(folder) else { throw failure(nil, folder) }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            // Only this tells the end from a failure.
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw failure("cannot list", folder) }
                return names
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
    }

    /// Makes a folder, with those it stands in; one that is there already is fine.
    public static func makeFolder(_ path: String) throws(StageError) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += made.isEmpty || made.hasSuffix("/") ? part : "/" + part
            guard mkdir(made, 0o777) == 0 || errno == EEXIST else { throw failure("cannot make the folder", path) }
        }
        guard try isFolder(path) else {
            throw StageError(.environment, "is a file, not a folder", at: SourcePosition(file: path))
        }
    }

    /// Removes a file; one that is not there is fine.
    public static func removeFile(_ path: String) throws(StageError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw failure("cannot remove", path) }
    }

    /// Waits until the name of what stands at `path` is on the disk: its folder's entry, not its content.
    public static func syncName(of path: String) throws(StageError) {
        var folder = "."
        if let slash = path.lastIndex(of: "/") { folder = slash == path.startIndex ? "/" : String(path[..<slash]) }
        let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("cannot open", folder) }
        defer { close(descriptor) }
        while fsync(descriptor) != 0 {
            // Some file systems have no such thing for folders.
            if errno == EINVAL || errno == ENOTSUP { return }
            guard errno == EINTR else { throw failure("cannot write to the disk", folder) }
        }
    }

    /// Removes a folder in which nothing stands; else leaves it.
    public static func removeFolderIfEmpty(_ path: String) {
        rmdir(path)
    }

    /// Removes a file, or a folder with the files in it, that its writer left half-made; leaves it to a writer who still holds
    /// its lock. Of a symbolic link, which no writer leaves, the link alone goes. One that is not there is fine.
    public static func removeAbandoned(_ path: String) throws(StageError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        if status.st_mode & S_IFMT == S_IFLNK { return try removeFile(path) }
        guard case .held(let lock) = try PathLock.take(path, followsLinks: false) else { return }
        // Held to the end: nobody may take up again what is being removed.
        defer { withExtendedLifetime(lock) {} }
        guard try isFolder(path) else { return try removeFile(path) }
        for name in try names(in: path) { try removeFile("\(path)/\(name)") }
        removeFolderIfEmpty(path)
    }

    private static func failure(_ what: String?, _ path: String) -> StageError {
        let message = systemMessage()
        return StageError(.environment, what.map { "\($0): \(message)" } ?? message, at: SourcePosition(file: path))
    }
}
