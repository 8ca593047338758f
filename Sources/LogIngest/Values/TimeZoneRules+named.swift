import ByteStreams
import Samples

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension TimeZoneRules {
    /// Where systems keep their time zone data.
    static let systemFolders = ["/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo"]

    /// The zone `UTC`, an offset as `+08:00`, or a zone by its IANA name, which is looked up in the first of `folders` that
    /// has it. Throws `usage` if there is no such zone, `environment` if there are no zones at all.
    init(named name: String, folders: [String] = systemFolders) throws(StageError) {
        if ["UTC", "Etc/UTC", "GMT", "Z"].contains(name) {
            self = .utc
            return
        }
        if name.hasPrefix("+") || name.hasPrefix("-") {
            let text = Array(name.utf8)
            var index = 0
            guard let offset = text.span.offset(from: &index), index == text.count else {
                throw StageError(
                    .usage, "the offset `\(name)` cannot be read", advice: "an offset is as +08:00, less than a day")
            }
            self.init(offset: offset)
            return
        }
        guard Self.isFileName(name) else { throw Self.unknown(name) }
        let present = folders.filter { access($0, R_OK | X_OK) == 0 }
        if present.isEmpty {
            throw StageError(
                .environment, "the time zone `\(name)` cannot be looked up: this machine has no time zone data",
                advice: "install it (Debian, Alpine: the package tzdata), or give an offset as +08:00")
        }
        let paths = present.map { "\($0)/\(name)" }
        guard let path = paths.first(where: { access($0, F_OK) == 0 }) else { throw Self.unknown(name) }
        guard let bytes = try Self.bytes(of: path), let file = TimeZoneFile(bytes) else {
            throw StageError(
                .usage,
                "`\(name)` is no time zone that can be used: \(path) is not in the format TZif, damaged, or counts leap seconds",
                advice: Self.advice)
        }
        self.init(file)
    }

    private static let advice =
        "give an IANA name as Asia/Shanghai, upper and lower case as there, or an offset as +08:00"

    private static func unknown(_ name: String) -> StageError {
        StageError(.usage, "there is no time zone `\(name)`", advice: advice)
    }

    /// Whether a name can only lead to a file below the folder: words of letters, digits, `_`, `+` and `-`, between
    /// slashes.
    private static func isFileName(_ name: String) -> Bool {
        name.utf8.count <= 64
            && name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { word in
                !word.isEmpty
                    && word.utf8.allSatisfy { byte in
                        switch byte {
                        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "+"),
                            UInt8(ascii: "-"):
                            true
                        default: false
                        }
                    }
            }
    }

    /// All of a file; nil if it is a folder, or larger than any zone's file.
    private static func bytes(of path: String) throws(StageError) -> [UInt8]? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= 1 << 20 else {
            return nil
        }
        let file = try InputFile(path: path, cancellation: Cancellation())
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(status.st_size), alignment: 1)
        defer { buffer.deallocate() }
        var count = 0
        while count < buffer.count {
            let read = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
            if read == 0 { break }
            count += read
        }
        return Array(buffer[..<count])
    }
}
