import Samples

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// An open folder. Files are named relative to it, so they are found even after it was renamed.
final class Folder: Sendable {
    /// The folder's path when it was opened.
    let path: String
    /// Open as long as this object lives; a lock taken on it goes with it.
    let descriptor: Int32

    /// Opens `path`; `followsLinks` says whether it may be a symbolic link.
    init(opening path: String, followsLinks: Bool) throws(StageError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (followsLinks ? 0 : O_NOFOLLOW))
        guard descriptor >= 0 else { throw .system("open the folder", path) }
    }

    /// Opens `path`, which is no symbolic link; nil if nothing stands there.
    init?(ifStandingAt path: String) throws(StageError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor < 0 else { return }
        if errno == ENOENT { return nil }
        throw .system("open the folder", path)
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Whether `other` is this folder now; it may have been renamed, removed or replaced since it was opened.
    func stands(at other: String) -> Bool {
        var mine = stat()
        var there = stat()
        return fstat(descriptor, &mine) == 0 && lstat(other, &there) == 0 && mine.st_dev == there.st_dev
            && mine.st_ino == there.st_ino
    }

    /// Takes the lock that one owner at a time may have; false if another one has it. Given back with `unlock` or with
    /// this object.
    func lock() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }

    /// Gives the lock back.
    func unlock() { _ = flock(descriptor, LOCK_UN) }

    /// Shuts other accounts out, whatever the process's file creation mask.
    func keepPrivate() throws(StageError) {
        guard fchmod(descriptor, 0o700) == 0 else { throw .system("set the mode of the folder", path) }
    }

    /// The names in the folder, without `.` and `..`, in no order.
    func names() throws(StageError) -> [String] {
        // The stream closes its descriptor, so it gets one of its own.
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw .system("list the folder", path) }
        guard let stream = fdopendir(copy) else {
            let failure = StageError.system("list the folder", path)
            close(copy)
            throw failure
        }
        defer { closedir(stream) }
        // The copy shares its place with earlier listings.
        rewinddir(stream)
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// Removes a file. Missing is fine.
    func remove(_ name: String) throws(StageError) {
        guard unlinkat(descriptor, name, 0) == 0 || errno == ENOENT else { throw .system("remove", "\(path)/\(name)") }
    }

    /// Removes every file in the folder; it holds no folders.
    func removeFiles() throws(StageError) {
        try removeFiles { _ in true }
    }

    /// Removes the files whose name `isChosen`.
    func removeFiles(where isChosen: (String) -> Bool) throws(StageError) {
        for name in try names() where isChosen(name) { try remove(name) }
    }

    /// Waits until a file's bytes are on disk.
    func sync(file name: String) throws(StageError) {
        let file = openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { throw .system("open", "\(path)/\(name)") }
        defer { close(file) }
        guard fsync(file) == 0 else { throw .system("write to disk", "\(path)/\(name)") }
    }

    /// Waits until the folder's list of names is on disk.
    func sync() throws(StageError) {
        guard fsync(descriptor) == 0 else { throw .system("write the folder to disk", path) }
    }
}
