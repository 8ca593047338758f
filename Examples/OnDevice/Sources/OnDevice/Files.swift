#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Whole files by C's functions: Foundation would make the command many times as large.
enum Files {
    static func read(_ path: String) throws(ExampleError) -> [UInt8] {
        guard let file = fopen(path, "rb") else { throw ExampleError("\(path): cannot be opened") }
        defer { fclose(file) }
        guard fseek(file, 0, SEEK_END) == 0, case let count = ftell(file), count >= 0, fseek(file, 0, SEEK_SET) == 0
        else { throw ExampleError("\(path): not a regular file") }
        var bytes = [UInt8](repeating: 0, count: count)
        guard fread(&bytes, 1, count, file) == count else { throw ExampleError("\(path): cannot be read") }
        return bytes
    }

    static func write(_ bytes: [UInt8], to path: String) throws(ExampleError) {
        guard let file = fopen(path, "wb") else { throw ExampleError("\(path): cannot be made") }
        let isWritten = fwrite(bytes, 1, bytes.count, file) == bytes.count
        guard fclose(file) == 0, isWritten else { throw ExampleError("\(path): cannot be written") }
    }

    static func writeError(_ text: String) {
        // Not the variable `stderr`, which C lets anyone change.
        if let file = fdopen(STDERR_FILENO, "w") {
            fputs(text, file)
            fflush(file)
        }
    }
}

/// What went wrong, for a person.
struct ExampleError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
