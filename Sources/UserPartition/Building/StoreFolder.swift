import Samples

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A store in the making: the folder `.NAME.partial` beside the store's place, put in place whole.
///
/// The folder is locked, so two processes never build the same store at once. What a killed process left in it is
/// removed by the next one. Nothing but a store, or an empty folder, is ever replaced.
final class StoreFolder {
    /// The place of the finished store, without symbolic links.
    let destination: String
    /// The folder that is being filled.
    let folder: Folder

    private let parent: String
    private let name: String
    private var partial: String { "\(parent).\(name).partial" }

    /// Makes the folder in which the store at `path` is built. Throws `environment` if another process builds it, if
    /// something stands in its place that is no store, or if the system refuses.
    init(for path: String) throws(StageError) {
        (parent, name) = try Self.place(of: path)
        destination = parent + name
        folder = try Self.open("\(parent).\(name).partial", for: destination)
        do throws(StageError) {
            // Under the lock, so that no other process replaces the store meanwhile.
            try Self.checkReplaceable(destination)
            try folder.keepPrivate()
            try folder.removeFiles()
        } catch {
            discard()
            throw error
        }
    }

    /// Opens and locks the partial folder, which is made if it does not stand there yet.
    private static func open(_ partial: String, for destination: String) throws(StageError) -> Folder {
        // Its owner may put it in place or remove it between our opening and our locking it: then begin anew.
        for _ in 0..<100 {
            if mkdir(partial, 0o700) != 0 && errno != EEXIST {
                throw .system(
                    "create", destination, advice: errno == ENOENT ? "make the folder it stands in first" : nil)
            }
            guard let opened = try Folder(ifStandingAt: partial) else { continue }
            guard opened.lock() else { break }
            if opened.stands(at: partial) { return opened }
        }
        throw StageError(
            .environment, "another process is building this store", at: SourcePosition(file: destination))
    }

    /// Removes the folder and all in it. For failures: nothing is left behind.
    func discard() {
        guard folder.stands(at: partial) else { return }
        // Nothing can be done about a failure here, and the failure that led here is the one to tell. The next run
        // tries again.
        do throws(StageError) { try folder.removeFiles() } catch {}
        rmdir(partial)
        folder.unlock()
    }

    /// Puts the finished store in place of nothing, of an empty folder, or of an older store, which is then removed.
    /// Its files are on disk already.
    func publish() throws(StageError) {
        try folder.sync()
        try Self.checkReplaceable(destination)
        if let old = try Folder(ifStandingAt: destination) {
            try replace(old)
        } else if rename(partial, destination) != 0 {
            throw .system("put the store in place", destination)
        }
        removeRetired()
        try Folder(opening: parent.isEmpty ? "." : parent, followsLinks: true).sync()
        // Whoever replaces this store next need not wait until this object is released.
        folder.unlock()
    }

    private func replace(_ old: Folder) throws(StageError) {
        // The old store will stand at the partial folder's name: its lock keeps other builders off while it is removed.
        guard old.lock() else {
            throw StageError(
                .environment, "another process is building this store", at: SourcePosition(file: destination))
        }
        let retired = exchange(partial, destination) ? partial : try replaceInTwoSteps()
        // The new store stands. What cannot be removed of the old one is left to the next run.
        do throws(StageError) { try old.removeFiles() } catch {}
        rmdir(retired)
    }

    /// For a file system without an exchange: for a moment nothing stands in the place. Returns where the old store is.
    func replaceInTwoSteps() throws(StageError) -> String {
        let retired = "\(parent).\(name).old"
        try Folder(ifStandingAt: retired)?.removeFiles()
        rmdir(retired)
        guard rename(destination, retired) == 0 else { throw .system("move the old store away", destination) }
        guard rename(partial, destination) == 0 else {
            let failure = StageError.system("put the store in place", destination)
            rename(retired, destination)
            throw failure
        }
        return retired
    }

    /// Removes the older store that a run killed in the middle of `replaceInTwoSteps` left, if it is one. What cannot be
    /// removed is left to the next run.
    private func removeRetired() {
        do throws(StageError) {
            guard let old = try Folder(ifStandingAt: "\(parent).\(name).old"), old.lock(),
                try old.names().allSatisfy(StoreLayout.isName)
            else { return }
            try old.removeFiles()
        } catch {}
        rmdir("\(parent).\(name).old")
    }

    /// Refuses to replace what is neither a store nor an empty folder.
    private static func checkReplaceable(_ path: String) throws(StageError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        func refusal(_ what: String) -> StageError {
            StageError(
                .environment, "is \(what), so it is not replaced", at: SourcePosition(file: path),
                advice: "move it away or name another place")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw refusal("a file and no store") }
        let folder = try Folder(opening: path, followsLinks: false)
        let names = try folder.names()
        if names.isEmpty { return }
        guard names.contains(StoreLayout.manifest), PartitionManifest.isClaimed(byStoreIn: folder) else {
            throw refusal("a folder and no store")
        }
        if let stranger = names.filter({ !StoreLayout.isName($0) }).min() {
            throw refusal("a store that also holds \(stranger)")
        }
    }

    /// The folder a path stands in, with its final slash or empty, and its own name; symbolic links followed.
    private static func place(of path: String) throws(StageError) -> (parent: String, name: String) {
        var whole = path
        if let resolved = realpath(path, nil) {
            whole = String(cString: resolved)
            free(resolved)
        }
        while whole.hasSuffix("/") { whole.removeLast() }
        let name = whole.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? ""
        guard !name.isEmpty else {
            throw StageError(.usage, "no folder to put the store in was named", at: SourcePosition(file: path))
        }
        return (String(whole.dropLast(name.count)), name)
    }
}

/// Swaps what stands at two paths in one step; false if the system cannot.
private func exchange(_ first: String, _ second: String) -> Bool {
    #if canImport(Darwin)
    return renameatx_np(AT_FDCWD, first, AT_FDCWD, second, UInt32(RENAME_SWAP)) == 0
    #else
    // The C library's wrapper is declared only with its extensions switched on, so it is looked up by name.
    typealias Rename =
        @convention(c) (Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32) -> Int32
    guard let symbol = dlsym(nil, "renameat2") else { return false }
    let exchangeFlag: UInt32 = 1 << 1
    return unsafeBitCast(symbol, to: Rename.self)(AT_FDCWD, first, AT_FDCWD, second, exchangeFlag) == 0
    #endif
}
