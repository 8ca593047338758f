import ByteStreams
import Samples

/// A source's decompressed bytes: its files in order, in each the entries that the source names.
final class SourceBytes {
    private let source: IngestSettings.Source
    private let cancellation: Cancellation
    private let report: IngestReport
    private var nextPath = 0
    private var reader: ArchiveReader?
    private var selection: EntrySelection
    private let check: TextCheck
    /// The current stream's first bytes, read to look at them and not handed out yet.
    private var head: [UInt8] = []
    /// Bytes of the open file already told to the report.
    private var toldBytes = 0

    /// Nothing is opened before the first `nextStream`.
    init(_ source: IngestSettings.Source, limits: IngestSettings.Limits, cancellation: Cancellation, report: IngestReport) {
        self.source = source
        self.cancellation = cancellation
        self.report = report
        selection = EntrySelection(source.entry)
        check = TextCheck(allowing: source.format.dialect.delimiter)
    }

    /// Goes on to the next file or entry and says where it stands; nil after the last. Throws `data` if it is no text.
    func nextStream() throws(StageError) -> SourcePosition? {
        while true {
            if cancellation.isCancelled { throw .cancelled }
            if let reader {
                if let position = try nextStream(in: reader) { return position }
                tell(reader.size ?? reader.fileBytes)
                self.reader = nil
            }
            guard nextPath < source.paths.count else { return nil }
            reader = try ArchiveReader(path: source.paths[nextPath], cancellation: cancellation)
            toldBytes = 0
            nextPath += 1
            selection = EntrySelection(source.entry)
        }
    }

    /// Appends some more of the current stream's bytes; false at its end.
    func read(appendingTo bytes: inout [UInt8]) throws(StageError) -> Bool {
        if !head.isEmpty {
            bytes.append(contentsOf: head)
            head = []
            return true
        }
        guard let reader else { return false }
        return try read(from: reader, appendingTo: &bytes)
    }

    private var spill: [UInt8] = []
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(StageError) -> Int {
        while spill.isEmpty { if try !read(appendingTo: &spill) { break } }
        let n = min(buffer.count, spill.count)
        spill[..<n].withUnsafeBytes { buffer.copyMemory(from: $0) }
        if n == spill.count { spill.removeAll(keepingCapacity: true) } else { spill.removeFirst(n) }
        return n
    }

    private func read(from reader: ArchiveReader, appendingTo bytes: inout [UInt8]) throws(StageError) -> Bool {
        if cancellation.isCancelled { throw .cancelled }
        let before = bytes.count
        let goesOn = try reader.read(appendingTo: &bytes)
        report.add(decompressedBytes: bytes.count - before)
        tell(reader.fileBytes)
        return goesOn
    }

    private func nextStream(in reader: ArchiveReader) throws(StageError) -> SourcePosition? {
        while let entry = try reader.nextEntry() {
            guard let path = entry.path else {
                try readHead(of: reader)
                guard let wanted = source.entry else { return reader.position }
                throw StageError(
                    .data, "is no archive, but the settings name its entry `\(wanted)`", at: reader.position)
            }
            guard entry.isFile, selection.selects(path), !selection.isAmbiguous else {
                try skipEntry(of: reader)
                continue
            }
            if entry.isEncrypted {
                throw StageError(.data, "the entry is encrypted", at: reader.position, advice: "decrypt it first")
            }
            try readHead(of: reader)
            return reader.position
        }
        if !reader.isBareStream, selection.matchCount == 0 || selection.isAmbiguous {
            throw selection.failure(at: SourcePosition(file: reader.name))
        }
        return nil
    }

    /// Reads the first bytes of the stream that begins here, and makes sure that they are text.
    private func readHead(of reader: ArchiveReader) throws(StageError) {
        head = []
        var goesOn = true
        while goesOn && head.count < TextCheck.headBytes {
            goesOn = try read(from: reader, appendingTo: &head)
        }
        let isAsStored = reader.isBareStream && reader.isUncompressed
        let origin: TextCheck.Origin = isAsStored ? (reader.size == nil ? .pipe : .file) : .inner
        if let fault = check.fault(in: head, isWhole: !goesOn, origin: origin) {
            throw StageError(.data, fault, at: reader.position)
        }
    }

    /// Goes past an entry's data. libarchive would do so by itself, but a compressed one may take long, and there would be
    /// no way to stop it.
    private func skipEntry(of reader: ArchiveReader) throws(StageError) {
        if cancellation.isCancelled { throw .cancelled }
        guard !reader.isUncompressed else { return }
        var unused: [UInt8] = []
        while try reader.read(appendingTo: &unused) {
            if cancellation.isCancelled { throw .cancelled }
            unused.removeAll(keepingCapacity: true)
            tell(reader.fileBytes)
        }
    }

    private func tell(_ bytes: Int) {
        report.add(compressedBytes: bytes - toldBytes)
        toldBytes = bytes
    }
}

enum SourcePaths { static func expand(_ p: [String]) throws(StageError) -> [String] { p } }
