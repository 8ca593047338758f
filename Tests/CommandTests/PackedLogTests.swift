import Foundation
import Testing

/// `plumb ingest` on the log of the ingest tests' fixtures, as each filter and each archive packs it.
@Suite("A packed log")
struct PackedLogTests {
    private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../LogIngestTests/Fixtures").standardized

    /// Filters and tar alone, and archives of one file, which need not be named.
    private static let streams = [
        "log.csv.gz", "log.csv.bz2", "log.csv.xz", "log.csv.lzma", "log.csv.lz", "log.csv.zst", "log.csv.lz4",
        "members.csv.gz", "log.tar", "one.tar.gz", "one.tar.bz2", "one.tar.xz", "one.tar.lzma", "one.tar.lz",
        "one.tar.zst", "one.tar.lz4", "one.tar.Z",
    ]
    /// A compress stream has no end mark: nothing tells that it was cut.
    private static let endless = ["log.csv.Z"]
    /// Archives whose directory stands at the end, so that a cut one has no place to begin.
    private static let withDirectory = ["one.zip", "one.7z", "log.zip", "zip64.zip", "comment.zip", "log.7z"]
    private static let tarsOfSeveral = ["log.tar.gz", "log.tar.zst"]
    /// Those of several files, of which the log is one.
    private static let ofSeveral = ["log.zip", "zip64.zip", "comment.zip", "log.7z"] + tarsOfSeveral

    /// A folder with the pipeline file `p.yaml` for the log `name`.
    private func folder(_ name: String, _ log: Data) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let entry = Self.ofSeveral.contains(name) ? ", entry: logs/log.csv" : ""
        try folder.write(
            """
            ingest:
              sources: {log: {path: \(name)\(entry)}}
              user: user
              time: time
              label: rating >= 4
              item: item

            """, to: "p.yaml")
        try log.write(to: folder.url.appending(path: name))
        return folder
    }

    private func ingest(_ folder: TemporaryFolder) throws -> Plumb.Result {
        try Plumb.run(
            ["ingest", "-p", "p.yaml", "-o", "samples.arrows", "--vocabulary", "vocabulary.arrows", "-q"],
            in: folder.url)
    }

    @Test(
        "gives the bytes of the plain one's samples and vocabulary",
        arguments: streams + endless + withDirectory + tarsOfSeveral)
    func sameBytes(name: String) throws {
        let plain = try folder("log.csv", Data(contentsOf: Self.fixtures.appending(path: "log.csv")))
        try #require(ingest(plain).status == 0)
        let packed = try folder(name, Data(contentsOf: Self.fixtures.appending(path: name)))
        let result = try ingest(packed)
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        for file in ["samples.arrows", "vocabulary.arrows"] {
            #expect(try packed.read(file) == plain.read(file), "\(file)")
        }
    }

    /// Ingests the first half of a fixture, which must fail and publish nothing. Returns what it says.
    private func errorOfHalf(_ name: String) throws -> String {
        let whole = try Data(contentsOf: Self.fixtures.appending(path: name))
        let folder = try folder(name, whole.prefix(whole.count / 2))
        let result = try ingest(folder)
        #expect(result.status == 2)
        #expect(try folder.names() == [name, "p.yaml"].sorted())
        return result.errors
    }

    @Test(
        "cut in half ends with the file and the byte, and publishes nothing", arguments: streams + tarsOfSeveral)
    func half(name: String) throws {
        let error = try errorOfHalf(name)
        let place = #/plumb: (?<file>[^:()]+)(\([^:()]+\))?: byte [0-9]+: error: [^\n]*cut off[^\n]*\n/#
        #expect(try place.wholeMatch(in: error)?.file.description == name, "\(error)")
    }

    @Test("cut in half, without the directory at its end, ends with the file", arguments: withDirectory)
    func halfWithoutDirectory(name: String) throws {
        let error = try errorOfHalf(name)
        #expect(error.hasPrefix("plumb: \(name): error: is a ") && error.contains("cut off"), "\(error)")
    }
}
