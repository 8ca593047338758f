import Samples

/// A file's bytes with its compression taken off, whatever it is: a bare log, or a tar archive for `ArchiveReader`.
final class DecodedFile {
    /// The file as the user named it.
    var name: String { input.name }
    /// Size of a regular file; nil for pipes.
    var size: Int? { input.size }
    /// Bytes of the file taken in so far.
    var fileBytes: Int { input.bytesRead }
    /// Whether the bytes stand so in the file.
    let isAsStored: Bool
    /// The first bytes; `read` gives them once more.
    private(set) var head = StreamHead()

    private enum Decoder {
        case none
        case gzip(GzipInflater)
        case filter(FilterReader)
    }

    private let input: InputBlocks
    private let decoder: Decoder
    private var expansion: ExpansionGuard
    private var bytesMade = 0

    /// The file that `input` has handed out nothing of yet. What it is follows from its first bytes.
    init(_ input: InputBlocks, check: TextCheck, limits: IngestSettings.Limits) throws(StageError) {
        self.input = input
        expansion = ExpansionGuard(limits)
        decoder = try Self.decoder(for: input, check)
        if case .none = decoder { isAsStored = true } else { isAsStored = false }
        head = try StreamHead(readOn)
        if head.bytes.isEmpty { throw StageError(.data, "is empty", at: SourcePosition(file: name)) }
    }

    /// Whether this is a tar archive; its first header may be damaged.
    var isTar: Bool { TarHeader(head.bytes) != nil || FileKind.of(head.bytes)?.family == .tar }

    /// Reads some bytes into a buffer that is not empty; 0 at the end. Throws `data` with the offset in these bytes.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(StageError) -> Int {
        if let count = try head.take(into: buffer) { return count }
        return head.isWhole ? 0 : try readOn(into: buffer)
    }

    private func readOn(into buffer: UnsafeMutableRawBufferPointer) throws(StageError) -> Int {
        let count =
            switch decoder {
            case .none: try input.read(into: buffer)
            case .gzip(let inflater): try inflater.read(into: buffer)
            case .filter(let filter): try filter.read(into: buffer)
            }
        bytesMade += count
        try expansion.add(
            count, fileBytes: size ?? fileBytes, at: SourcePosition(file: name, byteOffset: bytesMade))
        return count
    }

    private static func decoder(for input: InputBlocks, _ check: TextCheck) throws(StageError) -> Decoder {
        let head = Array(try input.peek(TextCheck.headBytes))
        let kind = FileKind.of(head)
        if kind?.family == .gzip { return .gzip(try GzipInflater(input)) }
        if kind?.family == .tar || kind == nil && (check.isText(head) || TarHeader(head) != nil) { return .none }
        // Lzma has no mark that it always starts with, so libarchive is asked about all the rest, too.
        let filter = try FilterReader(input)
        guard filter.isFiltered else {
            let fault = check.fault(in: head, isWhole: head.count < TextCheck.headBytes, isAsStored: true)
            throw StageError(.data, fault ?? "is of no known kind", at: SourcePosition(file: input.name))
        }
        return .filter(filter)
    }
}
