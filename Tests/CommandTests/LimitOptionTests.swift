import Foundation
import Testing

@Suite("Options that limit a log")
struct LimitOptionTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
    private static let fixtures = root.appending(path: "Tests/LogIngestTests/Fixtures")

    private static let pipeline = """
        ingest:
          sources: {log: {path: log.csv, entry: ENTRY}}
          user: user
          time: time
          label: rating >= 4
          item: item

        """

    struct Case: CustomTestStringConvertible, Sendable {
        var option: String
        /// The least value that lets the log pass; nil where none of these does.
        var enough: String?
        var tooLittle: String
        var status: Int32
        var says: String
        var log: String
        var entry = "~"
        var testDescription: String { option }
    }

    static let cases = [
        Case(
            option: "--max-line", enough: "22", tooLittle: "10", status: 2, says: "10 bytes", log: "log.csv"),
        Case(
            option: "--max-decompressed", enough: "454", tooLittle: "453", status: 2,
            says: "the file unpacks to more than 453 bytes", log: "log.csv.gz"),
        Case(
            option: "--max-expansion", tooLittle: "7", status: 2,
            says: "the file unpacks to more than 7 times its size",
            log: "bomb.csv.bz2"),
        Case(
            option: "--max-entries", enough: "2", tooLittle: "1", status: 2, says: "more than 1 entr", log: "log.zip",
            entry: "\"logs/*\""),
    ]

    @Test("pass what is within them, and refuse the rest", arguments: cases)
    func bounds(_ test: Case) throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.pipeline.replacing("ENTRY", with: test.entry), to: "p.yaml")
        let log = Self.fixtures.appending(path: test.log).path
        let arguments = ["ingest", log, "-p", "p.yaml", "--to", "csv", "-o", "out", "-q", test.option]
        let refused = try Plumb.run(arguments + [test.tooLittle], in: folder.url)
        #expect(refused.status == test.status)
        #expect(refused.errors.contains(test.says), "\(refused.errors)")
        #expect(try folder.names() == ["p.yaml"])
        guard let enough = test.enough else { return }
        let passed = try Plumb.run(arguments + [enough], in: folder.url)
        #expect(passed.status == 0, "\(passed.errors)")
    }

    @Test(
        "must be sizes and numbers that make sense",
        arguments: ["--max-line", "--max-decompressed", "--max-expansion", "--max-entries"])
    func faults(option: String) throws {
        let folder = try SmallLog.folder()
        let result = try Plumb.run(["ingest", "-p", "p.yaml", "-o", "out", option, "0"], in: folder.url)
        #expect(result.status == 64)
        #expect(result.errors.hasPrefix("plumb: \(option): error: "), "\(result.errors)")
    }
}
