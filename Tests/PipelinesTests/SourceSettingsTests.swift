import LogIngest
import Samples
import Testing

@testable import Pipelines

@Suite("A source in a pipeline file")
struct SourceSettingsTests {
    private func pipeline(_ source: String) throws(PipelineError) -> Pipeline {
        try Pipeline(text: PipelineTests.minimal.replacing("path: log.csv", with: source), file: "p.yaml")
    }

    @Test("says how csv is quoted, or that it is not")
    func quotes() throws {
        func format(_ lines: String) throws -> IngestSettings.Format? {
            try pipeline("path: log.csv" + lines).ingest?.sources[0].format
        }
        #expect(try format("") == .csv(delimiter: ",", quote: "\""))
        #expect(try format(", quote: none, delimiter: \"::\"") == .csv(delimiter: "::", quote: nil))
        #expect(try format(", quote: \"'\"") == .csv(delimiter: ",", quote: "'"))
    }

    @Test(
        "is refused where a key makes no sense",
        arguments: [
            ("path: log.csv, quote: \"\"", "`ingest.sources.log.quote` must be one ASCII character, or none, is ``"),
            ("path: log.csv, quote: ab", "must be one ASCII character, or none, is `ab`"),
            ("path: log.csv, quote: é", "must be one ASCII character, or none, is `é`"),
            ("path: log.tsv, format: tsv, quote: none", "only csv has quotes; tsv has none, or its own"),
            ("path: log.tsv, format: tsv, delimiter: x", "only csv has a delimiter; tsv has its own"),
            ("path: log.jsonl, format: jsonl, delimiter: x", "only csv has a delimiter; jsonl has its own"),
        ])
    func refusals(source: String, expected: String) {
        let error = #expect(throws: PipelineError.self) { try pipeline(source) }
        #expect(error?.faults.count == 1)
        #expect(error?.faults.first?.description.contains(expected) == true, "\(error?.faults ?? [])")
        #expect(error?.faults.first?.position?.line == 3)
    }

    @Test("is shown so that it reads back, whatever its format", arguments: ["csv", "tsv", "jsonl", "arrow"])
    func readsBack(format: String) throws {
        let pipeline = try pipeline("path: log, format: \(format)")
        let again = try Pipeline(text: pipeline.settings.yaml(), file: "p.yaml")
        #expect(again.ingest == pipeline.ingest)
    }
}
