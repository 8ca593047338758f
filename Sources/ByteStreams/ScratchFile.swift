public import Samples
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A temporary file without a name: it is gone with this object or with the process, however that ends.
public final class ScratchFile: Sendable {
    private let name: String
    private let descriptor: Int32
    private let written = Mutex(0)

    /// Makes the file on the disk of `path`, under which it stands for the moment that it takes to make it.
    public init(at path: String) throws(StageError) {
        name = path
        descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Self.failure("cannot create", path) }
        guard unlink(path) == 0 else {
            let failure = Self.failure("cannot remove", path)
            close(descriptor)
            throw failure
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Bytes in the file.
    public var size: Int { written.withLock { $0 } }

    /// Takes everything out.
    public func clear() throws(StageError) {
        guard ftruncate(descriptor, 0) == 0 else { throw Self.failure("cannot empty", name) }
        written.withLock { $0 = 0 }
    }

    /// Writes at the end.
    public func append(_ bytes: UnsafeRawBufferPointer) throws(StageError) {
        let start = size
        var done = 0
        while done < bytes.count {
            let count = pwrite(
                descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done, off_t(start + done))
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw Self.failure("cannot write a temporary file", name) }
            done += count
        }
        written.withLock { $0 += done }
    }

    /// Fills `bytes` from `offset` on. What is read was written.
    public func read(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(StageError) {
        var done = 0
        while done < bytes.count {
            let count = pread(
                descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done, off_t(offset + done))
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw Self.failure("cannot read a temporary file", name) }
            done += count
        }
    }

    private static func failure(_ what: String, _ path: String) -> StageError {
        StageError(
            .environment, "\(what): \(String(cString: strerror(errno)))", at: SourcePosition(file: path))
    }
}

extension ScratchFile {
    /// Writes an array's elements at the end.
    public func append<Element: BitwiseCopyable>(_ elements: ArraySlice<Element>) throws(StageError) {
        let result = elements.withUnsafeBytes { bytes in
            Result { () throws(StageError) in try append(bytes) }
        }
        try result.get()
    }

    /// Fills part of an array with what was written at `offset`.
    public func read<Element: BitwiseCopyable>(
        into elements: inout [Element], _ range: Range<Int>, at offset: Int
    ) throws(StageError) {
        let result = elements.withUnsafeMutableBufferPointer { elements in
            Result { () throws(StageError) in
                try read(
                    UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: elements[range])), at: offset)
            }
        }
        try result.get()
    }
}
