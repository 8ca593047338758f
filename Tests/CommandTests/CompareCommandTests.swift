import Foundation
import Testing

/// `plumb compare` as a person runs it.
@Suite("Runs side by side")
struct CompareCommandTests {
    private func runs() throws -> TemporaryFolder {
        let folder = try SmallLog.folder()
        for (name, options) in [("a", []), ("b", ["--seeds", "1"])] as [(String, [String])] {
            let result = try Plumb.run(["run", "p.yaml", "-o", name, "-q"] + options, in: folder.url)
            try #require(result.status == 0, "\(result.errors)")
        }
        let text = SmallLog.pipeline.replacing("learning_rate: 0.1", with: "learning_rate: 0.2")
        try folder.write(text, to: "q.yaml")
        let result = try Plumb.run(["run", "q.yaml", "-o", "c", "-q"], in: folder.url)
        try #require(result.status == 0, "\(result.errors)")
        return folder
    }

    @Test("shows what differs in settings and results, and nothing else")
    func differences() throws {
        let folder = try runs()
        let result = try Plumb.run(["compare", "a", "c", "b"], in: folder.url)
        try #require(result.status == 0, "\(result.errors)")
        let lines = result.text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(lines.contains(["finetune.learning_rate", "0.1", "0.2", "0.1"]))
        #expect(lines.contains(["seeds", "[1,", "2]", "[1,", "2]", "[1]"]))
        #expect(lines.count { $0.first?.hasPrefix("finetune.") == true } == 1)
        #expect(!result.text.contains("not the same"))
        #expect(lines.contains { $0.first == "corrected" && $0.count > 6 })

        struct Document: Decodable {
            struct Setting: Decodable {
                var path: String
                var values: [String?]
            }
            struct Spread: Decodable {
                var means: [Double?]
                var sds: [Double?]
            }
            var same_log: Bool
            var same_scope: Bool
            var settings: [Setting]
            var arms: [String: [String: Spread]]
        }
        let json = try Plumb.run(["compare", "a", "c", "--to", "json", "-o", "out.json"], in: folder.url)
        try #require(json.status == 0, "\(json.errors)")
        let document = try JSONDecoder().decode(Document.self, from: folder.read("out.json"))
        #expect(document.same_log && document.same_scope)
        #expect(document.settings.map(\.path) == ["finetune.learning_rate"])
        let cloud = try #require(document.arms["cloud"]?["gauc"])
        #expect(cloud.means[0] == cloud.means[1] && cloud.sds[0] != nil)
        #expect(document.arms["finetuned"]?["gauc"]?.means[0] != document.arms["finetuned"]?["gauc"]?.means[1])
        let same = try Plumb.run(["compare", "a", "a"], in: folder.url)
        #expect(same.text.contains("all settings are the same"))
    }

    @Test("refuses one run, and what is no finished run")
    func refusals() throws {
        let folder = try SmallLog.folder()
        #expect(try Plumb.run(["compare", "a"], in: folder.url).status == 64)
        let missing = try Plumb.run(["compare", "a", "b"], in: folder.url)
        #expect(missing.status == 2 && missing.errors.contains("a"), "\(missing.errors)")
        try FileManager.default.createDirectory(
            at: folder.url.appending(path: "a"), withIntermediateDirectories: false)
        let empty = try Plumb.run(["compare", "a", "a"], in: folder.url)
        #expect(empty.status == 2 && empty.errors.contains("a: error: no finished run stands here"), "\(empty.errors)")
        try folder.write("{}", to: "a/summary.json")
        let torn = try Plumb.run(["compare", "a", "a"], in: folder.url)
        #expect(torn.status == 2 && torn.errors.contains("a/summary.json"), "\(torn.errors)")
    }
}
