import Foundation
import Testing

@Suite("Users held out from the cloud, from end to end")
struct HeldOutCommandTests {
    private struct Metrics: Decodable {
        struct Slice: Decodable {
            let by: String
            let name: String
            let users: Users
        }

        struct Users: Decodable {
            let total: Int
        }

        let slices: [Slice]
    }

    private func cloudSlices(_ data: Data) throws -> [Metrics.Slice] {
        try JSONDecoder().decode(Metrics.self, from: data).slices.filter { $0.by == "cloud" }
    }

    /// The folder of a run, `run`, whose store has such a share held out.
    private func run(heldOut: String) throws -> TemporaryFolder {
        let folder = try SmallLog.folder()
        let pipeline = SmallLog.pipeline.replacing(
            "partition: {buckets: 3}", with: "partition: {buckets: 3, held_out: \(heldOut)}")
        try folder.write(pipeline, to: "p.yaml")
        let result = try Plumb.run(["run", "p.yaml", "-o", "run", "-q"], in: folder.url)
        try #require(result.status == 0, "\(result.errors)")
        return folder
    }

    @Test("are marked in predictions, in every form, and a slice of metrics, summary and table")
    func slices() throws {
        let folder = try run(heldOut: "30%")
        let expected = ["held-out users", "users it may see"]
        let metrics = try cloudSlices(folder.read("run/seed-1/metrics.json"))
        #expect(metrics.map(\.name) == expected)
        #expect(try cloudSlices(folder.read("run/summary.json")).map(\.users.total) == metrics.map(\.users.total))
        let table = try Plumb.run(["evaluate", "run/seed-1/predictions.arrows", "--to", "table"], in: folder.url)
        #expect(table.text.contains("cloud: held-out users") && table.text.contains("cloud: users it may see"))

        func predictions(_ form: String) throws -> [Substring] {
            let result = try Plumb.run(
                [
                    "finetune", "run/store", "-p", "p.yaml", "--seed", "1", "--ctr", "run/ctr.json", "--model",
                    "run/seed-1/model.safetensors", "--to", form, "-q",
                ], in: folder.url)
            try #require(result.status == 0, "\(result.errors)")
            return result.text.split(whereSeparator: \.isNewline)
        }
        let csv = try predictions("csv").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        let head = try #require(csv.first)
        let place = try #require(head.firstIndex(of: "held_out"))
        #expect(head[place - 1] == "kept" && head[place + 1].hasPrefix("logit_"))
        let part = try #require(head.firstIndex(of: "part"))
        let heldOut = Set(csv.dropFirst().filter { $0[part] == "test" && $0[place] == "true" }.map { $0[0] })
        #expect(heldOut.count == metrics.first?.users.total)
        let lines = try predictions("jsonl")
        #expect(lines.count == csv.count - 1)
        #expect(
            lines.count { $0.contains(#""held_out":true"#) } == csv.dropFirst().count { $0[place] == "true" })
    }

    @Test("are in no column and no slice where there are none")
    func none() throws {
        let folder = try run(heldOut: "0")
        #expect(try cloudSlices(folder.read("run/summary.json")).isEmpty)
        let metrics = try folder.read("run/seed-1/metrics.json")
        #expect(try cloudSlices(metrics).isEmpty)
        #expect(try folder.read("run/seed-1/predictions.arrows").firstRange(of: Data("held_out".utf8)) == nil)
    }
}
