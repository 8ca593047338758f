import ByteStreams
import Samples

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The committed inputs of these tests.
enum Fixture {
    private static let folder = String("\(#filePath)".dropLast("TestFiles.swift".count))

    static func path(_ name: String) -> String { folder + "Fixtures/" + name }

    /// `samples/ml-latest-small.zip` of the repository.
    static let movieLens = folder + "../../samples/ml-latest-small.zip"

    static func bytes(_ name: String) throws -> [UInt8] { try bytes(at: path(name)) }

    /// A whole file.
    static func bytes(at path: String) throws -> [UInt8] {
        let file = try InputFile(path: path, cancellation: Cancellation())
        var result: [UInt8] = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = try file.read(into: buffer)
            if count == 0 { return result }
            result.append(contentsOf: buffer[..<count])
        }
    }

    static func lines(_ name: String) throws -> [Substring] {
        String(decoding: try bytes(name), as: UTF8.self).split(separator: "\n")
    }
}

/// A folder that is gone after the test.
final class TemporaryFolder {
    let path: String
    private var files: [String] = []

    init() throws {
        var name = Array("/tmp/log-ingest-tests.XXXXXX".utf8CString)
        guard let folder = mkdtemp(&name) else { throw StageError(.environment, "no temporary folder") }
        path = String(cString: folder)
    }

    deinit {
        for file in files { unlink(file) }
        rmdir(path)
    }

    /// Writes a file and returns its path.
    func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
        let file = "\(path)/\(name)"
        files.append(file)
        // Not by `OutputFile`, which waits for the disk: some tests write thousands of files.
        guard let stream = fopen(file, "w") else { throw StageError(.environment, "cannot write \(file)") }
        defer { fclose(stream) }
        let content = Array(bytes)
        guard fwrite(content, 1, content.count, stream) == content.count else {
            throw StageError(.environment, "cannot write \(file)")
        }
        return file
    }

    func file(_ name: String, _ text: String) throws -> String { try file(name, text.utf8) }

    /// Makes a named pipe.
    func pipe(_ name: String) throws -> String {
        let file = "\(path)/\(name)"
        files.append(file)
        guard mkfifo(file, 0o600) == 0 else { throw StageError(.environment, "no pipe") }
        return file
    }
}

/// An archive of the oldest kind: POSIX.1-1988, "ustar", without compression.
enum TarFile {
    /// Entries in order.
    static func bytes(_ entries: KeyValuePairs<String, String>) -> [UInt8] {
        entries.flatMap { path, text in
            header(Array(path.utf8), size: text.utf8.count) + padded(Array(text.utf8))
        } + [UInt8](repeating: 0, count: 1024)
    }

    /// An archive of one entry, whose path need not be text.
    static func bytes(path: [UInt8], _ text: [UInt8]) -> [UInt8] {
        header(path, size: text.count) + padded(text) + [UInt8](repeating: 0, count: 1024)
    }

    private static func header(_ path: [UInt8], size: Int) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at place: Int) {
            for (index, byte) in text.utf8.enumerated() { header[place + index] = byte }
        }
        header.replaceSubrange(..<path.count, with: path)
        put("0000644", at: 100)
        put(octal(size, digits: 11), at: 124)
        put("00000000000", at: 136)
        put("        0", at: 148)
        put("ustar", at: 257)
        put("00", at: 263)
        // Over the header with spaces in the checksum's place; 0 is a plain file.
        put(octal(header.reduce(0) { $0 + Int($1) }, digits: 6), at: 148)
        header[154] = 0
        return header
    }

    private static func octal(_ number: Int, digits: Int) -> String {
        let text = String(number, radix: 8)
        return String(repeating: "0", count: digits - text.count) + text
    }

    private static func padded(_ bytes: [UInt8]) -> [UInt8] {
        bytes + [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
    }
}

/// A file changed in its place, again and again: thousands of times faster than to write it anew.
final class DamagedFile {
    let path: String
    private let folder: TemporaryFolder
    private let descriptor: Int32
    private let whole: [UInt8]
    private var changed: Int?
    private var count: Int

    /// A file of these bytes.
    init(_ bytes: [UInt8]) throws {
        folder = try TemporaryFolder()
        path = try folder.file("log", bytes)
        descriptor = open(path, O_RDWR)
        whole = bytes
        count = bytes.count
    }

    deinit {
        close(descriptor)
    }

    /// Flips one bit of the whole file, and no other.
    func flip(_ bit: Int) throws {
        if let changed { try put(whole[changed], at: changed) }
        changed = bit / 8
        try put(whole[bit / 8] ^ 1 << UInt8(bit % 8), at: bit / 8)
    }

    /// Leaves only the first `count` bytes, as they were at first.
    func cut(to newCount: Int) throws {
        if let changed { try put(whole[changed], at: changed) }
        changed = nil
        guard ftruncate(descriptor, off_t(newCount)) == 0 else { throw StageError(.environment, "cannot cut off") }
        for place in count..<max(count, newCount) { try put(whole[place], at: place) }
        count = newCount
    }

    private func put(_ byte: UInt8, at place: Int) throws {
        var byte = byte
        guard pwrite(descriptor, &byte, 1, off_t(place)) == 1 else {
            throw StageError(.environment, "cannot write \(path)")
        }
    }
}
