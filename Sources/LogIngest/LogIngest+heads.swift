import ByteStreams
public import Samples

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension LogIngest {
    /// Opens every regular file of the log, of the clicks and of the side tables in use, and looks for the columns that the settings name.
    ///
    /// The log comes first. In an archive the first wanted entry is looked at. Standard input and other pipes are left
    /// alone: what is read of them is gone. A fault of a file does not end the look; only settings that make no sense throw.
    public func heads() async throws(StageError) -> [SourceHead] {
        try settings.validate()
        let thread = BlockingThread()
        let cancellation = thread.cancellation
        return try await thread.run { [settings] () throws(StageError) in
            var heads: [SourceHead] = []
            for (name, columns) in settings.usedColumns {
                guard let source = settings.source(name) else { continue }
                let salvages = settings.salvage && name == settings.log
                heads.append(
                    try Self.head(
                        of: source, wanted: columns, settings.limits, salvages: salvages, cancellation))
            }
            return heads
        }
    }

    private static func head(
        of source: IngestSettings.Source, wanted: [String], _ limits: IngestSettings.Limits, salvages: Bool,
        _ cancellation: Cancellation
    ) throws(StageError) -> SourceHead {
        var head = SourceHead(name: source.name, files: [])
        do throws(StageError) {
            let paths = try SourcePaths.expand(source.paths)
            head.files = paths.map { SourceHead.File(path: $0, bytes: regularFileBytes($0)) }
        } catch {
            head.faults.append(error)
        }
        for file in head.files where file.path != "-" && !isPipe(file.path) {
            if cancellation.isCancelled { throw .cancelled }
            var part = source
            part.paths = [file.path]
            // Without wanted columns, so that all that are missing can be told; lines of JSON have no others.
            let isLookedThrough = source.format != .jsonLines && source.format != .arrow
            var reader = ChunkReader(
                part, wanted: isLookedThrough ? [] : wanted, limits: limits, cancellation: cancellation,
                report: IngestReport())
            do throws(StageError) {
                guard let stream = try reader.head() else { continue }
                if head.stream == nil {
                    head.stream = stream.position
                    head.columns = stream.columns.names
                }
                if isLookedThrough { for name in wanted { head.check(name, in: stream, of: source) } }
            } catch {
                if error.code == .cancelled { throw error }
                head.faults.append(error)
            }
        }
        return head
    }

    private static func regularFileBytes(_ path: String) -> Int? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }

    /// Whether something stands there that can be read only once.
    private static func isPipe(_ path: String) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return false }
        return status.st_mode & S_IFMT != S_IFREG && status.st_mode & S_IFMT != S_IFDIR
    }
}

extension SourceHead {
    /// Notes a fault if `stream` has no column called `name`.
    fileprivate mutating func check(_ name: String, in stream: LogStream, of source: IngestSettings.Source) {
        var header = stream.position
        if source.header == .firstRow { header.line = stream.firstLine - 1 }
        do throws(StageError) {
            _ = try stream.columns.index(of: name, at: header)
        } catch {
            faults.append(error)
        }
    }
}

extension IngestSettings {
    /// The sources that are read, the log first, with the columns that are looked for in each.
    fileprivate var usedColumns: [(source: String, columns: [String])] {
        let wanted = WantedColumns(self)
        var used = [(source: log, columns: wanted.names)]
        func use(_ columns: [String], of source: String) {
            let index = used.firstIndex { $0.source == source } ?? used.count
            if index == used.count { used.append((source, [])) }
            for column in columns where !used[index].columns.contains(column) { used[index].columns.append(column) }
        }
        for join in wanted.joins {
            use([join.key] + allFeatures.filter { $0.join == join }.map(\.column), of: join.source)
        }
        if let clicks = roles.label.clickLog { use(clicks.columns, of: clicks.source) }
        return used
    }
}
