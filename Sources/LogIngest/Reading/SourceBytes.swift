import ByteStreams
import Samples

/// A source's decompressed bytes: its files in order, in each the entries that the source names.
///
/// Used by one thread; several may run at once, each on its own.
final class SourceBytes {
    private enum OpenFile {
        case bare(DecodedFile)
        case archive(ArchiveReader)
    }

    private let source: IngestSettings.Source
    private let limits: IngestSettings.Limits
    private let cancellation: Cancellation
    private let report: IngestReport
    private let check: TextCheck
    private var nextPath = 0
    private var current: OpenFile?
    /// Whether the current file is bare and was begun.
    private var hasBegunBare = false
    private var selection: EntrySelection
    /// The current entry's first bytes.
    private var head = StreamHead()
    /// Bytes of the open file already told to the report.
    private var toldBytes = 0

    /// Nothing is opened before the first `nextStream`.
    init(
        _ source: IngestSettings.Source, limits: IngestSettings.Limits, cancellation: Cancellation,
        report: IngestReport
    ) {
        self.source = source
        self.limits = limits
        self.cancellation = cancellation
        self.report = report
        selection = EntrySelection(source.entry)
        check = TextCheck(source.format)
    }

    /// Goes on to the next file or entry and says where it stands; nil after the last.
    ///
    /// Throws `data` if it is no text, or the archive is not whole behind the entry before it. A stream that is damaged behind
    /// its first byte is begun, and `read` throws.
    func nextStream() throws(StageError) -> SourcePosition? {
        while true {
            if cancellation.isCancelled { throw .cancelled }
            switch current {
            case .bare(let file):
                if !hasBegunBare { return try beginBare(file) }
                closeFile()
            case .archive(let archive):
                if let position = try nextEntry(of: archive) { return position }
                closeFile()
            case nil:
                guard nextPath < source.paths.count else { return nil }
                nextPath += 1
                current = try open(source.paths[nextPath - 1])
            }
        }
    }

    /// Reads some of the current stream's bytes into a buffer that is not empty; 0 at its end.
    ///
    /// Throws `data`, with file, entry and the offset in the stream, once the bytes before the damage were read.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(StageError) -> Int {
        if cancellation.isCancelled { throw .cancelled }
        let count: Int
        switch current {
        case .bare(let file):
            count = try file.read(into: buffer)
            tell(file.fileBytes)
        case .archive(let archive):
            if let first = try head.take(into: buffer) {
                count = first
            } else {
                count = head.isWhole ? 0 : try archive.read(into: buffer)
            }
            tell(archive.fileBytes)
        case nil: return 0
        }
        report.add(decompressedBytes: count)
        return count
    }

    /// After an error of code `data`: gives up the current file, so that `nextStream` goes on with the next.
    func abandonFile() {
        closeFile()
    }

    /// Whether the current file may have a checksum that is looked at when it is read to its end.
    var isPacked: Bool {
        switch current {
        case .bare(let file): !file.isAsStored
        case .archive: true
        case nil: false
        }
    }

    private func open(_ path: String) throws(StageError) -> OpenFile {
        toldBytes = 0
        hasBegunBare = false
        selection = EntrySelection(source.entry)
        let file = try InputFile(path: path, cancellation: cancellation)
        let input = InputBlocks(file)
        let family = FileKind.of(try input.peek(TextCheck.headBytes))?.family
        if family == .zip || family == .sevenZip {
            return .archive(try ArchiveReader(path: path, file: file, isZip: family == .zip, limits: limits))
        }
        let decoded = try DecodedFile(input, check: check, limits: limits)
        return decoded.isTar ? .archive(try ArchiveReader(tar: decoded, limits: limits)) : .bare(decoded)
    }

    private func closeFile() {
        switch current {
        case .bare(let file): tell(file.size ?? file.fileBytes)
        case .archive(let archive): tell(archive.size ?? archive.fileBytes)
        case nil: break
        }
        current = nil
    }

    private func beginBare(_ file: DecodedFile) throws(StageError) -> SourcePosition {
        let position = SourcePosition(file: file.name)
        try checkText(file.head, isAsStored: file.isAsStored, at: position)
        if let wanted = source.entry {
            throw StageError(.refused, "is no archive, but the settings name its entry `\(wanted)`", at: position)
        }
        hasBegunBare = true
        return position
    }

    private func nextEntry(of archive: ArchiveReader) throws(StageError) -> SourcePosition? {
        while let entry = try archive.nextEntry() {
            let position = SourcePosition(file: archive.name, entry: entry.path)
            guard entry.isFile, selection.selects(entry.path), !selection.isAmbiguous else {
                if !entry.isEncrypted { try skipEntry(of: archive) }
                continue
            }
            if entry.isEncrypted {
                throw StageError(.refused, "the entry is encrypted", at: position, advice: "decrypt it first")
            }
            head = try StreamHead(archive.read)
            try checkText(head, isAsStored: false, at: position)
            return position
        }
        if selection.matchCount == 0 || selection.isAmbiguous {
            throw selection.failure(at: SourcePosition(file: archive.name))
        }
        return nil
    }

    /// Throws `data` if a stream that starts with `head` is no log. Where it is damaged, that is the likelier reason.
    private func checkText(_ head: StreamHead, isAsStored: Bool, at position: SourcePosition) throws(StageError) {
        // An Arrow stream is checked by who reads it.
        if source.format == .arrow { return }
        guard let fault = check.fault(in: head.bytes, isWhole: head.isWhole, isAsStored: isAsStored) else { return }
        // A file that is as it was stored may well be one that lost its end; what came out of another is no log.
        throw head.failure ?? StageError(isAsStored ? .data : .refused, fault, at: position)
    }

    /// Goes past an entry's data. libarchive would do so by itself, but a compressed one may take long, and there would be
    /// no way to stop it.
    private func skipEntry(of archive: ArchiveReader) throws(StageError) {
        guard archive.mustReadToSkip else { return }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
        defer { buffer.deallocate() }
        while try archive.read(into: buffer) > 0 {
            if cancellation.isCancelled { throw .cancelled }
            tell(archive.fileBytes)
        }
    }

    private func tell(_ bytes: Int) {
        report.add(compressedBytes: bytes - toldBytes)
        toldBytes = bytes
    }
}
