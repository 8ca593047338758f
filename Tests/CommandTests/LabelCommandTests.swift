import Foundation
import Testing

@Suite("Labels of impression lists and click logs, from the command line")
struct LabelCommandTests {
    private static let clicks = """
        ingest:
          sources: {shown: {path: shown.csv}, clicks: {path: clicks.csv}}
          log: shown
          user: user
          time: time
          clicks: {source: clicks, key: [id], on: [id]}

        """

    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write(Self.clicks, to: "p.yaml")
        try folder.write("id,user,time\na,1,10\nb,1,11\n", to: "shown.csv")
        try folder.write("id\nlost\nb\nb\n", to: "clicks.csv")
        return folder
    }

    @Test("clicks are joined to impressions from standard input, and those without one are told")
    func clickLog() throws {
        let folder = try folder()
        let running = try Plumb.start(
            ["ingest", "-", "-p", "p.yaml", "--to", "csv", "--summary", "account.json"], in: folder.url)
        try running.input.fileHandleForWriting.write(contentsOf: folder.read("shown.csv"))
        try running.input.fileHandleForWriting.close()
        let result = running.finish()
        #expect(result.status == 0)
        #expect(result.errors.contains("2 read, 2 kept, 0 rejected, 2 clicks, 1 clicks without an impression, "))
        let labels = result.text.split(separator: "\n").map { $0.split(separator: ",").last }
        #expect(labels == ["label", "0.0", "1.0"])
        let account = String(decoding: try folder.read("account.json"), as: UTF8.self)
        #expect(account.contains(#""clicks":2,"clicks_without_an_impression":1,"#))
    }

    @Test("log and clicks cannot both be standard input")
    func standardInputTwice() throws {
        let folder = try folder()
        try folder.write(Self.clicks.replacing("clicks.csv", with: "\"-\""), to: "p.yaml")
        let result = try Plumb.run(["ingest", "-", "-p", "p.yaml", "-o", "out"], in: folder.url)
        #expect(result.status == 64 && result.errors.contains("standard input, `-`, can be read only once"))
        #expect(try folder.names() == ["clicks.csv", "p.yaml", "shown.csv"])
    }
}
