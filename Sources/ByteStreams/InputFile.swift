public import Samples

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file, pipe or standard input, read by one thread with blocking calls that a cancellation wakes.
public final class InputFile {
    /// The file as the user named it; `<stdin>` for standard input. Errors start with it.
    public let name: String
    /// Size in bytes of a regular file; nil for pipes and terminals.
    public let size: Int?
    /// Bytes read so far.
    public private(set) var bytesRead = 0

    private let descriptor: Int32
    private let ownsDescriptor: Bool
    private let cancellation: Cancellation

    /// Opens `path`; `-` is standard input. Throws `environment` if it cannot be opened or is a folder.
    public init(path: String, cancellation: Cancellation) throws(StageError) {
        if path == "-" {
            name = "<stdin>"
            descriptor = STDIN_FILENO
            ownsDescriptor = false
        } else {
            name = path
            // Without waiting: a named pipe nobody writes to yet would hold the thread where no cancellation reaches it.
            descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
            ownsDescriptor = true
            guard descriptor >= 0 else {
                throw StageError(.environment, systemMessage(), at: SourcePosition(file: path))
            }
            _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
        }
        self.cancellation = cancellation
        var status = stat()
        let hasStatus = fstat(descriptor, &status) == 0
        let kind = status.st_mode & S_IFMT
        size = hasStatus && kind == S_IFREG ? Int(status.st_size) : nil
        if hasStatus && kind == S_IFDIR {
            throw StageError(.environment, "is a folder, not a file", at: SourcePosition(file: name))
        }
    }

    /// Whether a person sits at standard input.
    public static var isStandardInputTerminal: Bool { isatty(STDIN_FILENO) == 1 }

    deinit {
        if ownsDescriptor { close(descriptor) }
    }

    /// Reads some bytes; 0 at the end. Blocks, but not past a cancellation, which throws `cancelled`.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(StageError) -> Int {
        while true {
            if size == nil {
                guard cancellation.waitUntilReady(descriptor, events: Int32(POLLIN)) else { throw .cancelled }
            } else if cancellation.isCancelled {
                throw .cancelled
            }
            #if canImport(Glibc)
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            #elseif canImport(Musl)
            let count = Musl.read(descriptor, buffer.baseAddress, buffer.count)
            #else
            let count = Darwin.read(descriptor, buffer.baseAddress, buffer.count)
            #endif
            if count >= 0 {
                bytesRead += count
                return count
            }
            if errno == EINTR || errno == EAGAIN { continue }
            throw StageError(
                .environment, "cannot read: \(systemMessage())",
                at: SourcePosition(file: name, byteOffset: bytesRead))
        }
    }
}

/// The system's words for an error number.
func systemMessage(_ code: Int32) -> String {
    String(cString: strerror(code))
}

/// The system's words for the error of the call just made.
func systemMessage() -> String { systemMessage(errno) }
