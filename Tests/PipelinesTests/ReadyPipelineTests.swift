import ByteStreams
import LogIngest
import Samples
import Testing

@testable import Pipelines

/// The numbers in `samples/counts.tsv` come from the script that makes the samples, which counted what it wrote.
@Suite("The ready pipelines")
struct ReadyPipelineTests {
    private static let root = String("\(#filePath)".dropLast("Tests/PipelinesTests/ReadyPipelineTests.swift".count))

    /// What an ingest of a pipeline must come to, by name.
    private func counts(of pipeline: String) async throws -> [String: Int] {
        let bytes = try await FileContents.read(Self.root + "samples/counts.tsv", limit: 1 << 20)
        var counts: [String: Int] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst() {
            let fields = line.split(separator: "\t")
            guard fields.count == 3, fields[0] == pipeline else { continue }
            counts[String(fields[1])] = Int(fields[2])
        }
        return counts
    }

    @Test("ingest their samples", arguments: ["mind", "taobao-ad", "taobao-userbehavior"], [1, 3])
    func ingest(name: String, threads: Int) async throws {
        let pipeline = try await Pipeline(path: Self.root + "pipelines/\(name).yaml")
        let settings = try #require(pipeline.ingest)
        let report = IngestReport()
        var rows = SampleBatch(settings.schema)
        for try await batch in LogIngest(settings).samples(report: report, threads: threads) {
            rows.append(contentsOf: 0..<batch.count, of: batch)
        }
        let users = Set((0..<rows.count).map { rows.users[$0] })
        let groups = Set(rows.groups ?? [])
        let seconds = rows.times.map { Int($0) / 1000 }
        var got: [String: Int] = [
            "rows": report.progress.rowsRead, "samples": rows.count, "positives": rows.labels.count { $0 == 1 },
            "users": users.count, "groups": groups.count, "time_sum": seconds.reduce(0, +),
        ]
        for vocabulary in report.vocabularies { got["ids_\(vocabulary.feature)"] = vocabulary.count }
        let expected = try await counts(of: name)
        for (feature, count) in report.joinMisses where expected["misses_\(feature)"] != nil {
            got["misses_\(feature)"] = count
        }
        #expect(got == expected)
        #expect(report.progress.rowsRejected == 0 && report.progress.samples == rows.count)
    }
}
